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
		"mptcp:"+server.Listener.Addr().String(), "EPROTONOSUPPORT",
		"fastopen:"+server.Listener.Addr().String(), "ENOTSUP",
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

// unaware is a jail whose /etc/hosts leads two granted names, as the kubelet would write it, to addresses of their own.
func unaware(t *testing.T, files string) (j *jail, open uint16) {
	j, server := granted(t)
	open = port(closedPort(t))
	j.file("etc/hosts", "127.0.0.1\tlocalhost\n127.64.7.1\tapi.example.org\n127.64.7.2\tfront.example.org\n")
	j.gateway.Hosts = map[string]string{fmt.Sprintf("api.example.org:%d", open): server.Listener.Addr().String()}
	j.sandbox = fmt.Sprintf(`{"proxy":{"port":%d,"tunnel":%d,"connect":[],"aliases":[{"address":"127.64.7.1","name":"api.example.org","ports":["%d"]},`+
		`{"address":"127.64.7.2","name":"front.example.org","ports":["%d"]}]}%s}`, port(closedPort(t)), port(strings.TrimPrefix(j.gateway.URL, "https://")), open, open, files)
	return j, open
}

func TestAClientThatKnowsNoProxyReachesTheNamesThatHaveADoor(t *testing.T) {
	j, open := unaware(t, "")
	at := func(form, rest string) string { return fmt.Sprintf(form, open) + rest }
	bodies, seen := j.reached(
		at("unaware:http://api.example.org:%d", "/path"), "200",
		at("unaware:http://front.example.org:%d", "/"), "403", // refused by the gateway
		at("greet:front.example.org:%d", "=front.example.org"), "cut",
		at("take:127.64.7.1:%d", ""), "EADDRINUSE",
		at("direct:127.64.7.3:%d", ""), "refused", // the port is open to Landlock, and nobody listens
		"direct:127.64.7.1:65000", "EACCES",
	)
	if body := bodies[at("unaware:http://api.example.org:%d", "/path")]; !strings.HasPrefix(body, at("api.example.org:%d", " /path ")) {
		t.Errorf("the server saw %s", body)
	}
	if body := bodies[at("unaware:http://front.example.org:%d", "/")]; !strings.Contains(body, "HostNotGranted") {
		t.Errorf("the handler is told %q", body)
	}
	if body := bodies[at("greet:front.example.org:%d", "=front.example.org")]; !strings.Contains(body, "access denied") {
		t.Errorf("a TLS client is told %q", body)
	}
	if seen.Evidence.Proxy == nil || seen.Evidence.Proxy.Rules != 2 || seen.Evidence.Proxy.Partial != nil {
		t.Errorf("evidence %+v", seen.Evidence.Proxy)
	}
}

func TestTheNamesCanBeReadWhereFilesAreListedUnlessTheyAreDenied(t *testing.T) {
	j, open := unaware(t, `,"files":{"read":["/app/**"]}`)
	j.reached(fmt.Sprintf("unaware:http://api.example.org:%d/", open), "200")
	j, open = unaware(t, `,"files":{"read":["/app/**"],"deny":["/etc/**"]}`)
	report, _ := j.run(assignment("/app/probe", "hosts", fmt.Sprintf("unaware:http://api.example.org:%d/", open)))
	for _, answer := range result[struct{ Answers map[string]string }](t, report).Answers {
		if answer == "200" {
			t.Error("a denied /etc/hosts was read")
		}
	}
}

func TestALauncherDoesNotStartWithDoorsThatMeanNothingOrAreTaken(t *testing.T) {
	taken, err := net.Listen("tcp", "127.64.7.9:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	for _, alias := range []string{
		`{"address":"10.0.0.1","name":"api.example.org","ports":["8000"]}`,
		`{"address":"127.0.0.1","name":"api.example.org","ports":["8000"]}`,
		`{"address":"127.64.7.8","name":"api.example.org","ports":["8000-8200"]}`,
		`{"address":"127.64.7.8","name":"api.example.org","ports":["8000"]},{"address":"127.64.7.8","name":"other.example.org","ports":["8001"]}`,
		fmt.Sprintf(`{"address":"127.64.7.9","name":"api.example.org","ports":["%d"]}`, port(taken.Addr().String())),
	} {
		j := newJail(t)
		j.sandbox = fmt.Sprintf(`{"proxy":{"port":%d,"tunnel":1,"connect":[],"aliases":[%s]}}`, port(closedPort(t)), alias)
		j.start(assignment("/app/probe", "facts"))
		if code, seen := j.wait(); code == 0 || seen.Report != nil {
			t.Errorf("%s: exit code %d, report %+v", alias, code, seen.Report)
		}
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
