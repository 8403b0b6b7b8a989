package clean

import (
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// JSON makes an encoded JSON document safe for a terminal. The values in it stay
// what they are: what does not show is written as JSON's own escapes. The
// document is valid UTF-8 already, as encoding/json makes it.
func JSON(doc []byte) []byte {
	var safe []byte
	copied := 0
	for i := 0; i < len(doc); {
		if c := doc[i]; c < utf8.RuneSelf && c != 0x7F {
			i++
			continue
		}
		char, size := utf8.DecodeRune(doc[i:])
		if !shows(char) {
			safe = append(safe, doc[copied:i]...)
			if high, low := utf16.EncodeRune(char); high != utf8.RuneError {
				safe = fmt.Appendf(safe, `\u%04x\u%04x`, high, low)
			} else {
				safe = fmt.Appendf(safe, `\u%04x`, char)
			}
			copied = i + size
		}
		i += size
	}
	if copied == 0 {
		return doc
	}
	return append(safe, doc[copied:]...)
}
