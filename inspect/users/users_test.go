package users

import (
	"fmt"
	"maps"
	"strings"
	"testing"
)

func TestNames(t *testing.T) {
	got, err := Names(strings.NewReader("# who may log in\nroot:x:0:0:root:/root:/bin/sh\n\ntoor:x:0:0::/:\n:x:5:5::/:\nwww-data:x:33:33::/var/www:"))
	if want := map[int]string{0: "root", 33: "www-data"}; err != nil || !maps.Equal(got, want) {
		t.Errorf("got %v, %v, want %v", got, err, want)
	}
	got, err = Names(strings.NewReader("root:x:0:0::/:\n" + strings.Repeat("x", MaxSize)))
	if err == nil || got[0] != "root" {
		t.Errorf("before a line without an end: %v, %v", got, err)
	}
}

func TestAccounts(t *testing.T) {
	got, err := Accounts(strings.NewReader("# who may log in\nroot:x:0:0:root:/root:/bin/sh\n\nwww-data:x:33:33::/var/www:\nodd\n"))
	if text := fmt.Sprint(got); err != nil || text != "[{root 0 /root} {www-data 33 /var/www} {odd 0 }]" {
		t.Errorf("got %s, %v", text, err)
	}
}

func TestFind(t *testing.T) {
	const passwd = "root:x:0:0::/:\napp:x:1000:50::/:\n1001:x:7:7::/:\n"
	const group = "root:x:0:\nstaff:x:50:app\nweb:x:33:\n"
	for spec, want := range map[string]string{
		"app":          "1000:50",
		"1000":         "1000:50", // the primary group of the number's entry
		"1001":         "1001:0",  // a number is no name
		"2000":         "2000:0",
		"1000:33":      "1000:33",
		"app:web":      "1000:33",
		"1000:web":     "1000:33",
		"0":            "0:0",
		"":             "0:0",
		"nobody":       "unable to find user nobody",
		"app:none":     "unable to find group none",
		"999999999999": "uids and gids must be in range",
	} {
		uid, gid, err := Find(spec, strings.NewReader(passwd), strings.NewReader(group))
		got := fmt.Sprintf("%d:%d", uid, gid)
		if err != nil {
			got = err.Error()
		}
		if !strings.HasPrefix(got, want) || err == nil && got != want {
			t.Errorf("%q: %s, want %s", spec, got, want)
		}
	}
	if uid, gid, err := Find("1000:50", nil, nil); uid != 1000 || gid != 50 || err != nil {
		t.Errorf("without lists: %d:%d, %v", uid, gid, err)
	}
}
