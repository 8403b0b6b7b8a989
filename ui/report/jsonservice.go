package report

import (
	"cmp"
	"time"

	"petrify/model"
	"petrify/ui/encode"
)

type container struct {
	ID        string       `json:"id"`
	Name      string       `json:"name"`
	Number    int          `json:"number"`
	OneOff    bool         `json:"one_off"`
	Image     string       `json:"image"`
	ImageID   string       `json:"image_id"`
	State     model.State  `json:"state"`
	Health    model.Health `json:"health"`
	ExitCode  int          `json:"exit_code"`
	OOMKilled bool         `json:"oom_killed"`
	Error     string       `json:"error"`
	Restarts  int          `json:"restarts"`
	Created   *time.Time   `json:"created"`
	Started   *time.Time   `json:"started"`
	Finished  *time.Time   `json:"finished"`
	User      string       `json:"user"`
	ReadOnly  *bool        `json:"read_only"`
	Ports     []port       `json:"ports"`
}

func newContainer(c model.Container) container {
	out := container{
		ID: c.ID, Name: c.Name, Number: c.Number, OneOff: c.OneOff, Image: c.Image, ImageID: c.ImageID,
		State: c.State, Health: c.Health, ExitCode: c.ExitCode, OOMKilled: c.OOMKilled, Error: c.Error, Restarts: c.Restarts,
		Created: moment(c.Created), Started: moment(c.Started), Finished: moment(c.Finished),
		User: c.User, Ports: encode.Each(c.Ports, newPort),
	}
	if c.Inspected {
		out.ReadOnly = &c.ReadOnly
	}
	return out
}

type port struct {
	HostIP   string `json:"host_ip"`
	Host     string `json:"host"`
	Target   int    `json:"target"`
	Protocol string `json:"protocol"`
}

func newPort(p model.Port) port {
	return port{HostIP: p.HostIP, Host: p.Host, Target: p.Target, Protocol: p.Protocol}
}

// root says whether a service's root can be written to; nil where that is not
// known.
type root struct {
	Declared *bool `json:"declared_read_only"`
	Live     *bool `json:"live_read_only"`
}

// rootOf takes a service's live root for read-only when that of each of its
// containers is.
func rootOf(svc *model.Service) root {
	var r root
	if svc.Declared != nil {
		r.Declared = &svc.Declared.ReadOnly
	}
	if live := svc.LiveRoot(); live != model.RootUnknown {
		readOnly := live == model.RootReadOnly
		r.Live = &readOnly
	}
	return r
}

type mountPair struct {
	Target   string      `json:"target"`
	Declared *mount      `json:"declared"`
	Live     *mount      `json:"live"`
	Writable bool        `json:"writable"`
	Risk     string      `json:"risk"`
	Faults   []fault     `json:"faults"`
	Users    []volumeUse `json:"users"`
}

type fault struct {
	Kind model.MountFaultKind `json:"kind"`
	Text string               `json:"text"`
	Set  string               `json:"set"`
	// Advice is what to do where no declaration mends it.
	Advice string `json:"advice"`
}

func newMountPair(pair model.MountPair) mountPair {
	return mountPair{
		Target: pair.Target, Declared: newMount(pair.Declared), Live: newMount(pair.Live),
		Writable: pair.Current().Writable(), Risk: string(pair.Risk),
		Faults: encode.Each(pair.Faults, newFault), Users: encode.Each(pair.Users, newVolumeUse),
	}
}

func newFault(f model.MountFault) fault { return fault{f.Kind, f.Text, f.Set, f.Advice} }

type mount struct {
	Kind      model.MountKind `json:"kind"`
	Source    string          `json:"source"`
	ReadOnly  bool            `json:"read_only"`
	Anonymous bool            `json:"anonymous"`
	FromImage bool            `json:"from_image"`
	Copied    bool            `json:"copied"`
	Driver    string          `json:"driver"`
	Options   string          `json:"options"`
}

func newMount(m *model.Mount) *mount {
	if m == nil {
		return nil
	}
	return &mount{
		Kind: m.Kind, Source: m.Source, ReadOnly: m.ReadOnly, Anonymous: m.Anonymous, FromImage: m.FromImage, Copied: m.Copied,
		Driver: m.Driver, Options: m.Options,
	}
}

type volumeUse struct {
	Container string `json:"container"`
	Project   string `json:"project"`
	Service   string `json:"service"`
	Running   bool   `json:"running"`
	Target    string `json:"target"`
	Writes    bool   `json:"can_write"`
}

func newVolumeUse(u model.VolumeUse) volumeUse {
	return volumeUse{
		Container: u.Container, Project: u.Project, Service: u.Service, Running: u.Running,
		Target: u.Mount.Target, Writes: !u.Mount.ReadOnly,
	}
}

type fieldDrift struct {
	Field    string `json:"field"`
	Subject  string `json:"subject"`
	Declared string `json:"declared"`
	Live     string `json:"live"`
}

func newFieldDrift(d model.Difference) fieldDrift {
	return fieldDrift{Field: d.Field, Subject: d.Subject, Declared: d.Declared, Live: d.Live}
}

type changes struct {
	Counts     counts     `json:"counts"`
	Taken      *time.Time `json:"taken"`
	EngineMade int        `json:"engine_made"`
	Paths      []change   `json:"paths"`
	NoTrace    []noTrace  `json:"no_trace"`
	Truncated  bool       `json:"truncated"`
	Asked      string     `json:"asked_because"`
}

// noTrace is a path that was written, and is as in the image.
type noTrace struct {
	Path      string     `json:"path"`
	Directory bool       `json:"directory"`
	Last      *time.Time `json:"last"`
}

type counts struct {
	Added    int `json:"added"`
	Modified int `json:"modified"`
	Deleted  int `json:"deleted"`
}

type change struct {
	Path string `json:"path"`
	Kind string `json:"kind"`
}

func newChanges(svc *model.Service, maxPaths int) changes {
	out := changes{Counts: counts{Added: svc.Counts.Added, Modified: svc.Counts.Modified, Deleted: svc.Counts.Deleted}}
	sets := make([][]model.Change, len(svc.Changes))
	for i, c := range svc.Changes {
		sets[i] = c.Paths
		out.EngineMade += len(c.EngineMade)
		out.Asked = cmp.Or(out.Asked, c.Asked)
	}
	out.Taken = moment(oldest(svc.Changes))
	out.Paths, out.Truncated = bounded(model.NewTree(sets...), maxPaths)
	copied := svc.Evidence.CopiedUp
	if maxPaths > 0 && len(copied) > maxPaths {
		copied, out.Truncated = copied[:maxPaths], true
	}
	out.NoTrace = encode.Each(copied, func(c model.CopiedUp) noTrace { return noTrace{c.Path, c.Directory, moment(c.Changed)} })
	return out
}

// oldest returns when the container that was asked longest ago was asked.
func oldest(all []model.ContainerChanges) time.Time {
	var at time.Time
	for _, c := range all {
		if !c.Taken.IsZero() && (at.IsZero() || c.Taken.Before(at)) {
			at = c.Taken
		}
	}
	return at
}

// bounded lists the changes of a tree in its order, as many as asked for. A
// directory that an engine lists only for what is below it is none.
func bounded(tree *model.Tree, maxPaths int) (paths []change, truncated bool) {
	paths = []change{}
	var walk func(model.Node) bool
	walk = func(n model.Node) bool {
		if kind, ok := tree.Own(n); ok {
			if maxPaths > 0 && len(paths) == maxPaths {
				truncated = true
				return false
			}
			paths = append(paths, change{Path: tree.Path(n), Kind: encode.Kind(kind)})
		}
		for _, child := range tree.Children(n) {
			if !walk(child) {
				return false
			}
		}
		return true
	}
	walk(model.Root)
	return paths, truncated
}

type verdict struct {
	Outcome   model.Outcome `json:"outcome"`
	Reason    string        `json:"reason"`
	Evidence  string        `json:"evidence"`
	Watched   float64       `json:"watched_seconds"`
	Blocked   []change      `json:"blocked"`
	Allowed   []allowed     `json:"allowed"`
	Truncated bool          `json:"truncated"`
	Blind     []string      `json:"blind_spots"`
}

type allowed struct {
	change
	Mount string `json:"mount"`
}

func newVerdict(v model.Verdict, maxPaths int) verdict {
	out := verdict{
		Outcome: v.Outcome, Reason: v.Reason, Evidence: v.Evidence,
		Watched: v.Watched.Seconds(), Allowed: []allowed{}, Blind: encode.List(model.BlindTexts(v.Blind)),
	}
	out.Blocked, out.Truncated = bounded(model.NewTree(v.Blocked), maxPaths)

	taken := make([]model.Change, len(v.Allowed))
	mounts := make(map[string]string, len(v.Allowed))
	for i, a := range v.Allowed {
		taken[i] = a.Change
		mounts[a.Change.Path] = a.Mount.Target
	}
	paths, truncated := bounded(model.NewTree(taken), maxPaths)
	for _, p := range paths {
		out.Allowed = append(out.Allowed, allowed{change: p, Mount: mounts[p.Path]})
	}
	out.Truncated = out.Truncated || truncated
	return out
}
