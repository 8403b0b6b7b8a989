package model

import (
	"strconv"
	"strings"
)

// Sizes as the options of mounts have them: a number of bytes, or one with a unit.

// sizeUnits are each 1024 times the one before.
const sizeUnits = "kmgt"

// parseSize reads such a size: "64m" is 67108864 bytes. It does not take what is
// no number of bytes, as "50%" of the memory.
func parseSize(text string) (int64, bool) {
	shift := 0
	if text != "" {
		if unit := strings.IndexByte(sizeUnits, text[len(text)-1]|0x20); unit >= 0 {
			shift, text = 10*(unit+1), text[:len(text)-1]
		}
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 || n<<shift>>shift != n {
		return 0, false
	}
	return n << shift, true
}

// SizeText writes such a size in the largest unit, up to g, that says it exactly.
func SizeText(n int64) string {
	unit := ""
	for i := 0; i < 3 && n != 0 && n%1024 == 0; i++ {
		n, unit = n/1024, sizeUnits[i:i+1]
	}
	return strconv.FormatInt(n, 10) + unit
}

// Size is how large a tmpfs may become by its options; 0 when they do not say it
// in bytes.
func (m Mount) Size() int64 {
	for option := range strings.SplitSeq(m.Options, ",") {
		if text, ok := strings.CutPrefix(option, "size="); ok {
			n, _ := parseSize(text)
			return n
		}
	}
	return 0
}
