package main

import (
	"strings"
	"testing"
)

func TestOnlyThisMachineIsUsed(t *testing.T) {
	for _, address := range []string{
		"http://192.0.2.1:8080", "http://wordpress.example", "http://localhost.example", "http://0.0.0.0:8080", "",
	} {
		err := run(t.Context(), address, false, false)
		if err == nil || !strings.Contains(err.Error(), "not on this machine") {
			t.Errorf("run(%q) = %v, want a refusal", address, err)
		}
	}
}

func TestHiddenField(t *testing.T) {
	const form = `<form><input type="hidden" id="nonce" name="nonce" value="a&amp;b" />
<input type='text' name="other" value="x"><input type="hidden" name="empty" value="" /></form>`
	for name, want := range map[string]string{"nonce": "a&b", "other": "x", "empty": ""} {
		got, err := hiddenField(form, name)
		if err != nil || got != want {
			t.Errorf("hiddenField(%q) = %q, %v; want %q", name, got, err, want)
		}
	}
	if got, err := hiddenField(form, "missing"); err == nil {
		t.Errorf("a missing field reads as %q, want an error", got)
	}
}
