package engine

import (
	"fmt"
	"net/http"
	"testing"
)

// Compose leaves `expose: ["5001-5003"]` to the engine, which gives it back.
func TestInspectReadsRangesOfExposedPorts(t *testing.T) {
	for _, test := range []struct{ name, exposed, want string }{
		{"range", `{"5001-5003": {}, "80/tcp": {}}`, "[80/tcp 5001/tcp 5002/tcp 5003/tcp]"},
		{"range with protocol", `{"53-54/udp":{}}`, "[53/udp 54/udp]"},
		{"none", `{"80/tcp": {}}`, "[80/tcp]"},
	} {
		t.Run(test.name, func(t *testing.T) {
			body := fmt.Sprintf(`{"Id": "abc", "Name": "/web", "Config": {"Image": "web", "ExposedPorts": %s}}`, test.exposed)
			socket := serve(t, answers{"/containers/abc/json": text(http.StatusOK, body)})
			c, err := at(t, socket).Inspect(t.Context(), "abc")
			if err != nil {
				t.Fatal(err)
			}
			var ports []string
			for _, p := range c.Ports {
				ports = append(ports, fmt.Sprintf("%d/%s", p.Target, p.Protocol))
			}
			if got := fmt.Sprint(ports); got != test.want || c.Name != "web" {
				t.Errorf("%s has %s, want %s", c.Name, got, test.want)
			}
		})
	}
}

func FuzzSpellOut(f *testing.F) {
	f.Add([]byte(`{"Config": {"ExposedPorts": {"5001-5003": {}}}}`))
	f.Add([]byte(`{"Config": {"ExposedPorts": {"9-1/udp": {}, "0-65535": {}}}}`))
	f.Add([]byte(`{"Config": null}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		if again := spellOut(spellOut(body)); string(again) != string(spellOut(body)) {
			t.Errorf("%q is spelled out twice", body)
		}
	})
}
