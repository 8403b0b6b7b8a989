package export

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"

	"petrify/model"
)

// A file ends with a sum of all that is above it, by which it is known whether somebody has
// changed it since: that would be lost when it is replaced. JSON has no comments, and so no
// sum.

var sumLine = []byte("\n# Sum of the lines above: ")

// Signed returns what is written to a file: a plan with its sum.
func Signed(plan []byte) []byte {
	if bytes.HasPrefix(plan, jsonSignature) {
		return plan
	}
	return append(append(bytes.Clone(plan), sumLine...), sumOf(plan)+"\n"...)
}

// ByHand reports whether a file was changed since it was written; false where nobody can
// tell, as it has no sum.
func ByHand(file []byte) bool {
	file = withoutCR(file)
	at := bytes.LastIndex(file, sumLine)
	return at >= 0 && string(bytes.TrimSpace(file[at+len(sumLine):])) != sumOf(file[:at])
}

// sumOf is the sum of a text, whatever ends its lines: git may have changed that.
func sumOf(text []byte) string {
	sum := sha256.Sum256(withoutCR(text))
	return hex.EncodeToString(sum[:8])
}

func withoutCR(text []byte) []byte { return bytes.ReplaceAll(text, []byte("\r\n"), []byte("\n")) }

// ByHandError says that a file must not be replaced, as somebody has changed it.
func ByHandError(name string) error {
	return &model.ProblemError{Problem: model.Problem{
		Text:   name + " was changed by hand since petrify wrote it: that would be lost",
		Advice: "write to another file and take over what was changed, or replace it with `petrify plan --force`",
	}}
}
