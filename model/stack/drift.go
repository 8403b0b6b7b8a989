package stack

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"petrify/model"
)

// Drift: where running containers differ from what the files declare.
//
//   - It must not cry wolf: a stack fresh from `docker compose up` has none.
//   - What a service does not declare is its image's; while the image is not
//     known, nothing is said about it.
//   - Only containers that were inspected are compared, and one-off ones never:
//     `docker compose run` differs on purpose. A service without containers is
//     not created, which is no drift.
//   - Values of variables are compared and never shown.
//   - Scaled containers are compared one by one; the same difference is said once.
func (b builder) drift(s *model.Service) []model.Difference {
	if s.Declared == nil {
		return nil
	}
	var all []model.Difference
	regular := 0
	for i := range s.Containers {
		c := &s.Containers[i]
		if c.OneOff {
			continue
		}
		regular++
		if !c.Inspected {
			continue
		}
		for _, d := range b.compare(s, c) {
			if !slices.Contains(all, d) {
				all = append(all, d)
			}
		}
	}
	if regular > 0 && regular != s.Declared.Replicas {
		all = append(all, model.Difference{
			Field: "replicas", Declared: strconv.Itoa(s.Declared.Replicas), Live: strconv.Itoa(regular),
		})
	}
	return all
}

// compare returns where one container differs.
func (b builder) compare(s *model.Service, c *model.Container) []model.Difference {
	d, img := s.Declared, s.Image
	if img != nil && img.ID != c.ImageID {
		img = nil // a scaled service in the middle of an update
	}
	var all []model.Difference
	add := func(field, declared, live string) {
		if declared != live {
			all = append(all, model.Difference{Field: field, Declared: declared, Live: live})
		}
	}
	if declared, live, differ := b.imageDrift(d, c); differ {
		add("image", declared, live)
	}
	entrypoint, command, known := expectedCommand(d, img)
	if known.entrypoint && !sameWords(entrypoint, c.Entrypoint) {
		add("entrypoint", words(entrypoint), words(c.Entrypoint))
	}
	if known.command && !sameWords(command, c.Command) {
		add("command", words(command), words(c.Command))
	}
	if user := d.User; user != "" || img != nil {
		if user == "" {
			user = img.User
		}
		add("user", user, c.User)
	}
	if dir := d.WorkingDir; dir != "" || img != nil {
		if dir == "" {
			dir = img.WorkingDir
		}
		add("working_dir", model.Canonical(dir), model.Canonical(c.WorkingDir))
	}
	add("read_only", strconv.FormatBool(d.ReadOnly), strconv.FormatBool(c.ReadOnly))
	all = append(all, mountDrift(d, c, img)...)
	all = append(all, portDrift(d.Ports, c.Ports)...)
	return append(all, envDrift(d.Env, c.Env, img)...)
}

// imageDrift compares the references, and says when the same one names another
// image by now. A list gives the image's ID in the place of a reference that has
// moved on.
func (b builder) imageDrift(d *model.Declared, c *model.Container) (declared, live string, differ bool) {
	unnamed := c.Image == "" || c.Image == c.ImageID || strings.HasPrefix(c.Image, "sha256:")
	if !unnamed && !c.MadeFrom(d) {
		return d.Image, c.Image, true
	}
	if id, ok := b.tagged[cmp.Or(d.Reference, d.Image)]; ok && c.ImageID != "" && id != c.ImageID {
		return d.Image + " (" + shortID(id) + ")", d.Image + " (" + shortID(c.ImageID) + ")", true
	}
	return "", "", false
}

func shortID(id string) string {
	id = strings.TrimPrefix(id, "sha256:")
	return id[:min(len(id), 12)]
}

// expectedCommand says what an engine makes of a declaration and an image
// (20.10 and 28 do the same): an entrypoint of one's own drops the image's
// command, and an empty command without one is the image's.
func expectedCommand(d *model.Declared, img *model.Image) (entrypoint, command []string, known struct{ entrypoint, command bool }) {
	entrypoint, command = d.Entrypoint, d.Command
	known.entrypoint, known.command = len(d.Entrypoint) > 0, len(d.Entrypoint) > 0 || len(d.Command) > 0
	if d.Entrypoint != nil && len(d.Entrypoint) == 0 {
		return entrypoint, command, known // engines and Compose releases disagree on what an empty one means
	}
	if img == nil {
		return entrypoint, command, known
	}
	if len(d.Entrypoint) == 0 {
		entrypoint = img.Entrypoint
		if len(d.Command) == 0 {
			command = img.Command
		}
	}
	known.entrypoint, known.command = true, true
	return entrypoint, command, known
}

func sameWords(a, b []string) bool {
	return slices.Equal(a, b) || words(a) == words(b)
}

// words writes a command as one would type it; none as "".
func words(command []string) string {
	quoted := make([]string, len(command))
	for i, word := range command {
		if word == "" && len(command) > 1 || strings.ContainsAny(word, " \t\n\r\"'\\") {
			word = strconv.Quote(word)
		}
		quoted[i] = word
	}
	return strings.Join(quoted, " ")
}

// engineEnv are the variables that a container may have though neither its
// files nor its image name them: Compose passes the proxies of the docker CLI's
// configuration on, Podman adds the others.
var engineEnv = []string{
	"HTTP_PROXY", "HTTPS_PROXY", "FTP_PROXY", "NO_PROXY", "ALL_PROXY",
	"PATH", "HOME", "HOSTNAME", "TERM", "CONTAINER",
}

// envDrift compares variables by name, and says of values only that they differ.
func envDrift(declared, live map[string]model.Masked, img *model.Image) []model.Difference {
	var all []model.Difference
	add := func(name, declared, live string) {
		all = append(all, model.Difference{Field: "environment", Subject: name, Declared: declared, Live: live})
	}
	for _, name := range slices.Sorted(maps.Keys(declared)) {
		value, ok := live[name]
		switch {
		case !ok && declared[name] == "":
			// It was to come from the host, which does not have it.
		case !ok:
			add(name, "set", "")
		case value != declared[name]:
			add(name, "set", "set to another value")
		}
	}
	if img == nil {
		return all
	}
	for _, name := range slices.Sorted(maps.Keys(live)) {
		if _, ok := declared[name]; ok || slices.Contains(engineEnv, strings.ToUpper(name)) {
			continue
		}
		own, ok := img.Env[name]
		switch {
		case !ok:
			add(name, "", "set")
		case own != live[name]:
			add(name, "", "set to another value than the image's")
		}
	}
	return all
}

// portDrift compares what is published, port by port. A port that is only
// exposed is in no way different, and one that the engine may choose is
// whatever it chose.
func portDrift(declared, live []model.Port) []model.Difference {
	type key struct {
		target   int
		protocol string
	}
	keyOf := func(p model.Port) key { return key{p.Target, cmp.Or(p.Protocol, "tcp")} }
	missing, extra := map[key][]string{}, map[key][]string{}
	var keys []key
	note := func(m map[key][]string, p model.Port) {
		k, text := keyOf(p), address(p)
		if !slices.Contains(keys, k) {
			keys = append(keys, k)
		}
		if !slices.Contains(m[k], text) {
			m[k] = append(m[k], text)
		}
	}
	for _, d := range declared {
		if d.Host != "" && !slices.ContainsFunc(live, func(p model.Port) bool { return keyOf(p) == keyOf(d) && answers(d, p) }) {
			note(missing, d)
		}
	}
	for _, p := range live {
		if p.Host != "" && !slices.ContainsFunc(declared, func(d model.Port) bool {
			return keyOf(p) == keyOf(d) && (d.Host == "" || answers(d, p))
		}) {
			note(extra, p)
		}
	}
	slices.SortFunc(keys, func(a, b key) int {
		return cmp.Or(cmp.Compare(a.target, b.target), strings.Compare(a.protocol, b.protocol))
	})
	all := make([]model.Difference, 0, len(keys))
	for _, k := range keys {
		all = append(all, model.Difference{
			Field: "ports", Subject: strconv.Itoa(k.target) + "/" + k.protocol,
			Declared: strings.Join(missing[k], ", "), Live: strings.Join(extra[k], ", "),
		})
	}
	return all
}

// answers says whether a live port is the one declared. An engine can be told to
// publish on another address by default, so that no declared address means any;
// and of a range it takes one.
func answers(declared, live model.Port) bool {
	if declared.HostIP != "" && anyAddress(declared.HostIP) != anyAddress(live.HostIP) {
		return false
	}
	if declared.Host == live.Host {
		return true
	}
	from, to, ok := strings.Cut(declared.Host, "-")
	if !ok {
		return false
	}
	first, err1 := strconv.Atoi(from)
	last, err2 := strconv.Atoi(to)
	port, err3 := strconv.Atoi(live.Host)
	return err1 == nil && err2 == nil && err3 == nil && first <= port && port <= last
}

func anyAddress(ip string) string {
	if ip == "0.0.0.0" || ip == "::" {
		return ""
	}
	return ip
}

// address writes where a port is published.
func address(p model.Port) string {
	switch {
	case strings.Contains(p.HostIP, ":"):
		return "[" + p.HostIP + "]:" + p.Host
	case p.HostIP != "":
		return p.HostIP + ":" + p.Host
	default:
		return p.Host
	}
}
