package command

import (
	"os"
	"strings"
	"testing"
)

func TestArgumentsOfDocker(t *testing.T) {
	for _, variable := range []string{"DOCKER_CONFIG", "DOCKER_TLS_VERIFY", "DOCKER_CERT_PATH"} {
		t.Setenv(variable, "")
	}
	for _, test := range []struct{ args, want string }{
		{"petrify", ""},
		{"petrify check web --planned", "check web --planned"},
		{"-c petrify petrify ls", "--context petrify ls"},
		{"--context=lab -D -l debug petrify -p shop", "--context lab -p shop"},
		{"-H tcp://a:1 petrify check petrify", "--host tcp://a:1 check petrify"},
		{"__complete petrify check ", "__complete check"},
		{"__complete -H tcp://a:1 petrify check w", "__complete --host tcp://a:1 check w"},
		{"ls", "ls"},
		{"help petrify", "--help"},
		{"help petrify check", "check --help"},
		{"--help petrify", "--help"},
		{"--help", "--help"},
		{"plan petrify", "plan petrify"},
		{"-p shop check", "-p shop check"},
		{"--tls petrify ls", "--tls, which trusts every engine"},
		{"--tlsverify --tlscacert /c/ca.pem --tlskey /c/key.pem petrify ls", "ls"},
		{"--tlscacert /c/mine.pem petrify ls", "from one folder"},
		{"--no-such petrify ls", "unknown flag: --no-such"},
	} {
		own, err := pluginArguments(strings.Fields(test.args))
		got := strings.Join(own, " ")
		if err != nil {
			got = err.Error()
		}
		if got != test.want && (err == nil || !strings.Contains(got, test.want)) {
			t.Errorf("%q is %q, want %q", test.args, got, test.want)
		}
	}
	if os.Getenv("DOCKER_TLS_VERIFY") != "1" || os.Getenv("DOCKER_CERT_PATH") != "/c" {
		t.Error("the certificates are not where docker's flags say")
	}
}

func TestItIsAPluginByItsName(t *testing.T) {
	for program, want := range map[string]bool{
		"/usr/libexec/docker/cli-plugins/docker-petrify": true, `docker-petrify.exe`: true, "petrify": false, "/x/petrify-docker": false,
	} {
		if got := isPlugin(program); got != want {
			t.Errorf("%s: %v, want %v", program, got, want)
		}
	}
}

func TestDockerAsksWhatThePluginIs(t *testing.T) {
	p := program(planned())
	p.Name = "/plugins/docker-petrify"
	run(t, p, "docker-cli-plugin-metadata").expect(t, 0, `"SchemaVersion":"0.1.0"`, "")
	run(t, p, "petrify", "plan", "web").expect(t, 0, "read_only: true", "")
	run(t, p, "petrify", "--help").expect(t, 0, "docker petrify [command]", "")
	run(t, p, "petrify", "no-such").expect(t, 2, "", "no-such")
}
