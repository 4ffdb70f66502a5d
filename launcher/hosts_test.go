package main

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"slices"
	"strings"
	"testing"

	"dev.corral/launcher/gatewaytest"
	"dev.corral/launcher/protocol"
)

// granted is a jail where one name is granted, and an ordinary server it leads to.
func granted(t *testing.T, connect ...string) (j *jail, server *httptest.Server) {
	j = newJail(t)
	server = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprintf(w, "%s %s %v", r.Host, r.URL.Path, r.Header)
	}))
	t.Cleanup(server.Close)
	address := server.Listener.Addr().String()
	j.gateway.Hosts = map[string]string{"api.example.org:80": address, "api.example.org:443": address}
	ports := ""
	if connect != nil {
		ports = `,"connect":["` + strings.Join(connect, `","`) + `"]`
	}
	j.sandbox = fmt.Sprintf(`{"proxy":{"port":%d,"tunnel":%d%s}}`, port(closedPort(t)), port(strings.TrimPrefix(j.gateway.URL, "https://")), ports)
	return j, server
}

func port(address string) uint16 { return netip.MustParseAddrPort(address).Port() }

// reached runs the probe's attempts and compares the answers.
func (j *jail) reached(pairs ...string) (map[string]string, gatewaytest.Seen) {
	j.t.Helper()
	command := []string{"/app/probe", "hosts"}
	for i := 0; i < len(pairs); i += 2 {
		command = append(command, pairs[i])
	}
	report, seen := j.run(assignment(command...))
	got := result[struct{ Answers, Bodies map[string]string }](j.t, report)
	for i := 0; i < len(pairs); i += 2 {
		if got.Answers[pairs[i]] != pairs[i+1] {
			j.t.Errorf("%s: %s (%s), expected %s", pairs[i], got.Answers[pairs[i]], got.Bodies[pairs[i]], pairs[i+1])
		}
	}
	return got.Bodies, seen
}

func TestAGrantedNameIsReachedByTheProxyAndNothingElseByIt(t *testing.T) {
	j, server := granted(t, "65000-65001")
	bodies, seen := j.reached(
		"get:http://api.example.org/path", "200",
		"connect:api.example.org:443", "200",
		"plain:api.example.org:443=api.example.org", "200",
		"get:http://evil.example.org/", "403",
		"connect:evil.example.org:443", "403",
		"connect:203.0.113.10:443", "403",
		"direct:"+server.Listener.Addr().String(), "EACCES",
		"direct:127.0.0.1:65000", "refused",
		"direct:"+strings.TrimPrefix(j.gateway.URL, "https://"), "EACCES",
		"steal:"+strings.TrimPrefix(j.gateway.URL, "https://")+"=Corral a/b/c", "EACCES",
	)
	if body := bodies["get:http://api.example.org/path"]; !strings.HasPrefix(body, "api.example.org /path ") || strings.Contains(body, "Proxy") ||
		strings.Contains(body, "Authorization") || strings.Contains(body, "Forwarded") {
		t.Errorf("the server saw %s", body)
	}
	if body := bodies["connect:evil.example.org:443"]; !strings.Contains(body, "HostNotGranted: evil.example.org:443 is not granted") {
		t.Errorf("the handler is told %q", body)
	}
	if seen.Evidence.Proxy == nil || seen.Evidence.Proxy.Rules != 3 || seen.Evidence.Proxy.Partial != nil {
		t.Errorf("evidence %+v", seen.Evidence.Proxy)
	}
}

func TestWhereNoPortsAreListedTheHandlerIsNotConfinedAndTheEvidenceSaysSo(t *testing.T) {
	j, server := granted(t)
	_, seen := j.reached("get:http://api.example.org/", "200", "direct:"+server.Listener.Addr().String(), "open")
	if seen.Evidence.Proxy == nil || seen.Evidence.Proxy.Rules != 0 || len(seen.Evidence.Proxy.Partial) != 1 {
		t.Errorf("evidence %+v", seen.Evidence.Proxy)
	}
}

func TestWithoutHostsThereIsNoProxyAndNothingIsConfined(t *testing.T) {
	j, server := granted(t, "443")
	j.sandbox = ""
	_, seen := j.reached("connect:api.example.org:443", "no proxy", "direct:"+server.Listener.Addr().String(), "open")
	if seen.Evidence.Proxy != nil {
		t.Errorf("evidence %+v", seen.Evidence.Proxy)
	}
}

func TestALauncherWhoseProxyPortIsTakenDoesNotStart(t *testing.T) {
	j, _ := granted(t, "443")
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	j.must(err)
	defer taken.Close()
	j.sandbox = fmt.Sprintf(`{"proxy":{"port":%d,"tunnel":1,"connect":[]}}`, port(taken.Addr().String()))
	j.start(assignment("/app/probe", "facts"))
	if code, seen := j.wait(); code == 0 || seen.Report != nil {
		t.Errorf("exit code %d, report %+v", code, seen.Report)
	}
}

func TestLearnRecordsTheNamesThatWereAskedForGrantedOrNot(t *testing.T) {
	j, _ := granted(t, "443")
	j.sandbox = strings.TrimSuffix(j.sandbox, "}") + `,"learn":true}`
	report, _ := j.run(assignment("/app/probe", "hosts", "get:http://api.example.org/", "connect:evil.example.org:443"))
	if got := learned(t, report).Names; !slices.Equal(got, []string{"api.example.org:80", "evil.example.org:443"}) {
		t.Errorf("names: %v", got)
	}
}

func TestTheHandlerIsToldOfTheProxy(t *testing.T) {
	j, _ := granted(t, "443")
	j.sandbox = strings.Replace(j.sandbox, `"connect"`, `"direct":["203.0.113.0/24"],"connect"`, 1)
	a := assignment("/app/probe", "echo")
	a.Env = append(a.Env, protocol.Variable{Name: "no_proxy", Value: "mine"})
	report, _ := j.run(a)
	env := result[struct{ Env []string }](t, report).Env
	for _, want := range []string{"HTTP_PROXY=http://127.0.0.1:", "HTTPS_PROXY=http://127.0.0.1:", "http_proxy=http://127.0.0.1:", "https_proxy=http://127.0.0.1:",
		"NO_PROXY=localhost,127.0.0.1,::1,203.0.113.0/24", "no_proxy=mine"} {
		if !slices.ContainsFunc(env, func(v string) bool { return strings.HasPrefix(v, want) }) {
			t.Errorf("%s is not in %v", want, env)
		}
	}
}
