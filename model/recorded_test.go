package model

import (
	"testing"
	"time"
)

func recorded(took time.Duration, starts int, writes ...Written) *Recording {
	return &Recording{
		Project: "shop", Service: "app", ImageID: running("app", 1).ImageID, Took: took, Starts: starts, Writes: writes,
		Processes: []Process{{Command: "app", User: "www-data", UID: 33}},
	}
}

// underRecording lays a service that changed nothing, with recordings of it.
func underRecording(before *Stack, image string, recordings ...*Recording) *Stack {
	c := running("app", 1)
	if image != "" {
		c.ImageID = image
	}
	return Lay(Observation{
		Name: "shop", Project: &Project{Name: "shop", Services: []Declared{{Name: "app", Replicas: 1}}}, Containers: []Container{c},
		Changes: map[string]Changes{c.ID: after(4 * time.Minute)}, Recordings: recordings,
	}, before)
}

func TestRecordedVerdict(t *testing.T) {
	lost := recorded(time.Hour, 1)
	lost.Lost = 3
	tests := []struct {
		name      string
		recording *Recording
		want      Outcome
	}{
		{"thorough, with nothing written", recorded(time.Minute, 1), WouldRun},
		{"too short", recorded(time.Minute-time.Second, 1), NotKnown},
		{"without a start", recorded(time.Hour, 0), NotKnown},
		{"with losses", lost, NotKnown},
		{"a lock directory that came and went", recorded(time.Second, 0, Written{Path: "/run/lock", Acts: Made | Removed, Gone: true}), WouldBreak},
		{"an open for writing", recorded(time.Hour, 1, Written{Path: "/etc/app", Acts: Opened}), WouldBreak},
		{"a mode set to what it was", recorded(time.Hour, 1, Written{Path: "/etc/app", Acts: Set}), WouldBreak},
		{"a write in a mount", recorded(time.Hour, 1, Written{Path: "/data/x", Mount: "/data", Acts: Stored}), WouldRun},
		{"a write to a device", recorded(time.Hour, 1, Written{Path: "/dev/null", Acts: Opened}), WouldRun},
	}
	for _, test := range tests {
		if v := underRecording(nil, "", test.recording).Services[0].Verdict; v.Outcome != test.want {
			t.Errorf("%s: %s (%s), want %s", test.name, v.Outcome, v.Reason, test.want)
		}
	}
}

func TestRecordingIsOfTheImageThatRuns(t *testing.T) {
	r := recorded(time.Hour, 1)
	before := underRecording(nil, "", r)
	if before.Services[0].Recording != r {
		t.Fatal("the recording is not the service's")
	}
	if again := underRecording(before, "sha256:other", r); again.Services[0].Recording != nil {
		t.Error("the recording outlived its image")
	}
}

func TestLayJoinsRecordingsOnce(t *testing.T) {
	a, b := recorded(time.Minute, 1), recorded(time.Hour, 0)
	first := underRecording(nil, "", a, b)
	joined := first.Services[0].Recording
	if joined.Took != time.Hour+time.Minute || joined.Starts != 1 || len(joined.Processes) != 1 {
		t.Errorf("joined to %s", joined)
	}
	if again := underRecording(first, "", a, b); again.Services[0].Recording != joined {
		t.Error("joined again, though nothing came")
	}
	if next := underRecording(first, "", a, recorded(time.Hour, 0)); next.Services[0].Recording == joined {
		t.Error("a new recording went unnoticed")
	}
}
