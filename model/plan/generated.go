package plan

import (
	"regexp"
	"strings"

	"petrify/model"
)

// Code that a program writes for itself is no break-in, such as views that frameworks
// compile at the first request. It is recognised by all of these:
//
//   - It was added, to a directory that the image ships empty, but for a placeholder:
//     there is no code of the image that it could change, or hide among.
//   - Its name, or the name of a folder on the way to it, is made up by a program.
//   - Its owner is that of the directory, as far as that is known: what somebody copied
//     in as root has another one.

// templateCompiled are names that say of which template the code was made.
var templateCompiled = regexp.MustCompile(`(?i)\.(tpl|html?|twig|volt|latte|blade|mustache|hbs|phtml|jinja2?|j2|mako|erb|haml|slim|ftl)\.(php|py|rb|js)$|_jsp\.(java|class)$|^__TwigTemplate_|^__CG__|^%%`)

// hashed are names with a hash in them.
var hashed = regexp.MustCompile(`(?i)[0-9a-f]{12}`)

// generated says whether code was written by a program for itself, and where.
func generated(w write, facts model.Facts) (place string, ok bool) {
	name := w.Path[strings.LastIndexByte(w.Path, '/')+1:]
	if !w.Class.Alarm() || w.Kind != model.Added || !endsInCode(name) {
		return "", false
	}
	place = model.Parent(w.Path)
	for place != "/" && facts.Lacks(place) {
		place = model.Parent(place)
	}
	if place == "/" || !facts.IsEmpty(place) {
		return "", false
	}
	file := facts[w.Path]
	if file.Known && file.Type != "" && file.UID != facts[place].UID {
		return "", false
	}
	if templateCompiled.MatchString(name) {
		return place, true
	}
	for part := range strings.SplitSeq(w.Path[len(place)+1:], "/") {
		if madeForOneRun(part) || hashed.MatchString(part) {
			return place, true
		}
	}
	return "", false
}

func endsInCode(name string) bool {
	for _, ending := range patterns[len(patterns)-1] {
		if ending.fits(name) {
			return true
		}
	}
	return false
}
