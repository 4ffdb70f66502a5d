package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

const (
	system   = "corral-system"
	server   = "https://127.0.0.1:6443"
	etcd     = "http://127.0.0.1:2379"
	unpulled = "images.example/corral/%s@sha256:%064d" // nobody pulls here
)

// role is the controller or the gateway, in one life after the other.
type role struct {
	*exec.Cmd
	spent float64 // seconds of CPU of the lives before this one
}

// cluster is everything that is real: etcd, API server, garbage collector, scheduler, controller and gateway; and kwok.
type cluster struct {
	state, heap         string
	certificates        *x509.CertPool
	admin               *api
	kubelet             *api // what kwok does not do of a kubelet
	planter             *api // whom the guards let pass
	controller, gateway *role
}

// users of the token file: name, groups. All but Corral's own act with every right; guards look at names and groups.
var users = map[string]string{
	"admin":                          "system:masters",
	"planter":                        "system:masters",
	"system:kube-scheduler":          "system:masters",
	"system:kube-controller-manager": "system:masters",
	"system:node:kwok":               "system:nodes,system:masters",
}

// build starts a cluster with Corral installed and that many nodes.
func build(state, heap string, nodes int) (*cluster, error) {
	c := &cluster{state: state, heap: heap}
	if err := c.keys(); err != nil {
		return nil, err
	}
	c.start("etcd", nil, "--data-dir="+c.file("etcd"), "--listen-client-urls="+etcd, "--advertise-client-urls="+etcd,
		"--quota-backend-bytes=8589934592",
		"--unsafe-no-fsync") // durability is worth nothing here
	c.start("kube-apiserver", nil, "--etcd-servers="+etcd, "--bind-address=127.0.0.1", "--advertise-address=127.0.0.1",
		"--cert-dir="+c.file("certs"), "--token-auth-file="+c.file("tokens.csv"), "--authorization-mode=RBAC",
		"--service-account-issuer=https://kubernetes.default.svc", "--service-account-key-file="+c.file("sa.pub"),
		"--service-account-signing-key-file="+c.file("sa.key"), "--service-cluster-ip-range=10.96.0.0/16",
		"--endpoint-reconciler-type=none",
		"--disable-admission-plugins=TaintNodesByCondition", // nobody here would take the taint away
		"--etcd-compaction-interval=1m")
	if err := within(2*time.Minute, "the API server is ready", c.connect); err != nil {
		return nil, err
	}
	c.start("kube-controller-manager", nil, "--kubeconfig="+c.kubeconfig("system:kube-controller-manager"), "--leader-elect=false",
		"--bind-address=127.0.0.1", "--controllers=garbage-collector-controller,serviceaccount-controller,namespace-controller",
		"--kube-api-qps=1000", "--kube-api-burst=2000")
	c.start("kube-scheduler", nil, "--kubeconfig="+c.kubeconfig("system:kube-scheduler"), "--leader-elect=false",
		"--bind-address=127.0.0.1", "--kube-api-qps=1000", "--kube-api-burst=2000")
	c.start("kwok", nil, "--kubeconfig="+c.kubeconfig("system:node:kwok"), "--manage-all-nodes", "--cidr=10.128.0.0/9",
		"--config=benchmarks/nodes/stages.yaml", "--node-lease-duration-seconds=200", "--server-address=")
	for i := range nodes {
		name := fmt.Sprintf("node-%04d", i)
		c.admin.must("POST", "/api/v1/nodes", object{"metadata": object{"name": name, "labels": object{
			"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}}})
	}
	if err := c.install(); err != nil {
		return nil, err
	}
	c.gateway, c.controller = &role{}, &role{}
	c.restart() // it makes what the gateway serves with
	c.gateway.Cmd = c.operator("gateway", 8081)
	return c, within(time.Minute, "the gateway is ready", func() error { return ready("http://127.0.0.1:8081/readyz") })
}

func (c *cluster) file(name string) string { return filepath.Join(c.state, name) }

func (c *cluster) keys() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	private, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	public, err := x509.MarshalPKIXPublicKey(&key.PublicKey)
	if err != nil {
		return err
	}
	tokens := ""
	for user, groups := range users {
		tokens += fmt.Sprintf("%s,%s,%s,%q\n", token(user), user, user, groups)
	}
	for name, content := range map[string]string{
		"sa.key":     string(pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: private})),
		"sa.pub":     string(pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: public})),
		"tokens.csv": tokens,
	} {
		if err := os.WriteFile(c.file(name), []byte(content), 0o600); err != nil {
			return err
		}
	}
	return nil
}

// token is no secret: nobody outside of this network namespace reaches the server.
func token(user string) string { return "token-of-" + strings.ReplaceAll(user, ":", "-") }

func (c *cluster) as(token string) *api {
	return &api{base: server, token: token, client: &http.Client{Transport: &http.Transport{
		TLSClientConfig: &tls.Config{RootCAs: c.certificates}, MaxIdleConnsPerHost: 64}}}
}

func (c *cluster) connect() error {
	authority, err := os.ReadFile(c.file("certs/apiserver.crt"))
	if err != nil {
		return err
	}
	c.certificates = x509.NewCertPool()
	c.certificates.AppendCertsFromPEM(authority)
	c.admin, c.planter, c.kubelet = c.as(token("admin")), c.as(token("planter")), c.as(token("system:node:kwok"))
	_, err = c.admin.call("GET", "/api/v1/namespaces/kube-system", nil)
	return err
}

func (c *cluster) kubeconfig(user string) string { return c.kubeconfigOf(user, token(user)) }

// kubeconfigOf: JSON is YAML.
func (c *cluster) kubeconfigOf(user, token string) string {
	file := c.file("kubeconfig-" + strings.ReplaceAll(user, ":", "-"))
	text, err := json.Marshal(object{"apiVersion": "v1", "kind": "Config", "current-context": "here",
		"clusters": []any{object{"name": "here", "cluster": object{"server": server, "certificate-authority": c.file("certs/apiserver.crt")}}},
		"users":    []any{object{"name": user, "user": object{"token": token}}},
		"contexts": []any{object{"name": "here", "context": object{"cluster": "here", "user": user, "namespace": system}}}})
	if err == nil {
		err = os.WriteFile(file, text, 0o600)
	}
	check(err)
	return file
}

func (c *cluster) start(program string, environment []string, arguments ...string) *exec.Cmd {
	command := exec.Command(program, arguments...)
	log, err := os.OpenFile(c.file(filepath.Base(program)+".log"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	check(err)
	command.Stdout, command.Stderr = log, log
	if environment != nil {
		command.Env = append(os.Environ(), environment...)
	}
	check(command.Start())
	log.Close()
	return command
}

// install applies the chart; nobody here makes pods of its Deployments.
func (c *cluster) install() error {
	chart, err := exec.Command("helm", "template", "corral", "helm", "--namespace", system, "--kube-version", "1.36.0",
		"--set", "images.operator="+fmt.Sprintf(unpulled, "operator", 1), "--set", "images.launcher="+fmt.Sprintf(unpulled, "launcher", 2),
		"--set", "guard.exemptUsers[0]=planter").Output()
	if err != nil {
		return fmt.Errorf("helm template: %w", err)
	}
	c.admin.must("POST", "/api/v1/namespaces", object{"metadata": object{"name": system}})
	kubeconfig := c.kubeconfig("admin")
	// the kinds are served a moment after they are applied
	return within(time.Minute, "the chart is applied", func() error {
		apply := exec.Command("kubectl", "--kubeconfig", kubeconfig, "apply", "--server-side", "--force-conflicts", "-f", "-")
		apply.Stdin = bytes.NewReader(chart)
		if words, err := apply.CombinedOutput(); err != nil {
			return fmt.Errorf("%w: %s", err, last(string(words), 400))
		}
		return nil
	})
}

// operator starts a role as the image does, with an account's token as in a pod.
func (c *cluster) operator(name string, health int) *exec.Cmd {
	account := "corral-" + name
	answer := c.admin.must("POST", "/api/v1/namespaces/"+system+"/serviceaccounts/"+account+"/token",
		object{"spec": object{"expirationSeconds": 86400}})
	command := c.start("java", []string{
		"KUBECONFIG=" + c.kubeconfigOf(account, answer.text("status", "token")),
		"CORRAL_NAMESPACE=" + system, "CORRAL_POD_NAME=" + account + "-0",
		"CORRAL_LAUNCHER_IMAGE=" + fmt.Sprintf(unpulled, "launcher", 2),
		"CORRAL_STORE=" + c.file("store"), fmt.Sprintf("CORRAL_HEALTH_PORT=%d", health)},
		"-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:+UseCompactObjectHeaders",
		"-XX:ReservedCodeCacheSize=128m", "-Xmx"+c.heap, "-XX:+ExitOnOutOfMemoryError",
		"-cp", "operator/target/*:operator/target/lib/*", "dev.corral.operator.Main", name)
	go command.Wait() // so that a dead one is no zombie
	return command
}

// kill is kill -9: nothing is given back or finished.
func (c *cluster) kill() {
	if c.controller.Cmd == nil {
		return
	}
	c.controller.spent += cpu(proc(c.controller.Process.Pid, "stat"))
	check(c.controller.Process.Kill())
	for proc(c.controller.Process.Pid, "stat") != "" {
		time.Sleep(10 * time.Millisecond)
	}
	c.controller.Cmd = nil
}

func (c *cluster) restart() {
	c.kill()
	c.controller.Cmd = c.operator("controller", 8080)
}

// memory is what a role keeps after a collection, and what it has of the machine, in MiB.
type memory struct{ heap, resident float64 }

func (p *role) memory(port int) memory {
	if p.Cmd == nil {
		return memory{}
	}
	pid := p.Process.Pid
	before := resident(proc(pid, "status"))
	for range 2 { // what a first one only found unreachable
		if words, err := exec.Command("jcmd", fmt.Sprint(pid), "GC.run").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "jcmd: %s\n", last(string(words), 200))
		}
	}
	text, err := fetch(fmt.Sprintf("http://127.0.0.1:%d/metrics", port))
	check(err)
	return memory{heap: sum(text, "jvm_memory_used_bytes", `area="heap"`) / (1 << 20), resident: before}
}

// cpu is what it has used in all its lives.
func (p *role) cpu() float64 {
	if p.Cmd == nil {
		return p.spent
	}
	return p.spent + cpu(proc(p.Process.Pid, "stat"))
}

func proc[P int | string](pid P, file string) string {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%v/%s", pid, file))
	if strings.Contains(string(text), ") Z ") {
		return ""
	}
	return string(text)
}

// spent is the seconds of CPU of everything that runs here, by program; of the controller in all its lives.
func (c *cluster) spent() map[string]float64 {
	all := map[string]float64{"controller": c.controller.cpu(), "gateway": c.gateway.cpu()}
	stats, _ := filepath.Glob("/proc/[0-9]*/stat") // the process namespace is ours alone
	for _, file := range stats {
		text, _ := os.ReadFile(file)
		if name := program(string(text)); name != "java" {
			all[name] += cpu(string(text))
		}
	}
	return all
}

// database is what etcd keeps, in MiB, without what is free for reuse.
func database() float64 {
	text, err := fetch(etcd + "/metrics")
	check(err)
	return sum(text, "etcd_mvcc_db_total_size_in_use_in_bytes", "") / (1 << 20)
}

func ready(url string) error { _, err := fetch(url); return err }

var plain = &http.Client{Timeout: 20 * time.Second}

func fetch(url string) (string, error) {
	response, err := plain.Get(url)
	if err != nil {
		return "", err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err == nil && response.StatusCode != 200 {
		err = fmt.Errorf("%s: %s", url, response.Status)
	}
	return string(text), err
}

// within tries until it works.
func within(patience time.Duration, what string, try func() error) error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(100 * time.Millisecond) {
		if err = try(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("not within %s: %s: %w", patience, what, err)
}

// each does all of it, so many at once.
func each(count, atOnce int, do func(int)) {
	var all sync.WaitGroup
	room := make(chan struct{}, atOnce)
	for i := range count {
		room <- struct{}{}
		all.Go(func() { do(i); <-room })
	}
	all.Wait()
}

func last(text string, most int) string { return text[max(0, len(text)-most):] }

// tidy is what is done on the way out, also of a measurement that fails. It does not check.
var tidy = func() {}

var leaving sync.Mutex

func check(err error) {
	if err != nil {
		leaving.Lock() // for good: what fails while somebody tidies waits for the end
		fmt.Fprintln(os.Stderr, "benchmarks:", err)
		tidy()
		os.Exit(1)
	}
}
