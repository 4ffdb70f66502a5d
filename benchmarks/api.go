package main

import (
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync"
	"time"
)

// object is any Kubernetes object, read by path.
type object map[string]any

func (o object) at(path ...string) any {
	var here any = map[string]any(o)
	for _, step := range path {
		switch fields := here.(type) {
		case map[string]any:
			here = fields[step]
		case object:
			here = fields[step]
		default:
			return nil
		}
	}
	return here
}

func (o object) text(path ...string) string {
	s, _ := o.at(path...).(string)
	return s
}

func (o object) number(path ...string) float64 {
	n, _ := o.at(path...).(float64)
	return n
}

// condition says whether a condition of the object is True.
func (o object) condition(kind string) bool {
	all, _ := o.at("status", "conditions").([]any)
	for _, c := range all {
		if fields, ok := c.(map[string]any); ok && object(fields).text("type") == kind {
			return object(fields).text("status") == "True"
		}
	}
	return false
}

// api is a keep-alive client of one API server; nothing between it and the wire but TLS.
type api struct {
	base   string
	client *http.Client
	token  string
}

// connect takes the cluster that kubectl takes.
func connect(kubectl string) (*api, error) {
	out, err := exec.Command(kubectl, "config", "view", "--raw", "--flatten", "--minify", "-o", "json").Output()
	if err != nil {
		return nil, fmt.Errorf("%s config view: %w", kubectl, err)
	}
	var config struct {
		Clusters []struct {
			Cluster struct {
				Server string
				CA     []byte `json:"certificate-authority-data"`
			}
		}
		Users []struct {
			User struct {
				Cert  []byte `json:"client-certificate-data"`
				Key   []byte `json:"client-key-data"`
				Token string
			}
		}
	}
	if err := json.Unmarshal(out, &config); err != nil {
		return nil, err
	}
	if len(config.Clusters) == 0 || len(config.Users) == 0 {
		return nil, fmt.Errorf("the kubeconfig names no cluster and user")
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(config.Clusters[0].Cluster.CA)
	settings := &tls.Config{RootCAs: roots}
	if user := config.Users[0].User; len(user.Cert) > 0 {
		pair, err := tls.X509KeyPair(user.Cert, user.Key)
		if err != nil {
			return nil, err
		}
		settings.Certificates = []tls.Certificate{pair}
	}
	return &api{
		base:   config.Clusters[0].Cluster.Server,
		token:  config.Users[0].User.Token,
		client: &http.Client{Transport: &http.Transport{TLSClientConfig: settings, MaxIdleConnsPerHost: 64}},
	}, nil
}

// send: the method APPLY is a server-side apply.
func (a *api) send(ctx context.Context, method, path string, body any) (*http.Response, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	media := "application/json"
	switch method {
	case "PATCH":
		media = "application/merge-patch+json"
	case "APPLY":
		method, media = "PATCH", "application/apply-patch+yaml"
	}
	request, err := http.NewRequestWithContext(ctx, method, a.base+path, bytes.NewReader(raw))
	if err != nil {
		return nil, err
	}
	request.Header.Set("Content-Type", media)
	if a.token != "" {
		request.Header.Set("Authorization", "Bearer "+a.token)
	}
	return a.client.Do(request)
}

func (a *api) call(method, path string, body any) (object, error) {
	response, err := a.send(context.Background(), method, path, body)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return nil, err
	}
	if response.StatusCode >= 300 {
		return nil, fmt.Errorf("%s %s: %d %s", method, path, response.StatusCode, strings.TrimSpace(string(text)))
	}
	var answer object
	return answer, json.Unmarshal(text, &answer)
}

func (a *api) must(method, path string, body any) object {
	answer, err := a.call(method, path, body)
	check(err)
	return answer
}

// sight is one state of an object and when it came by the watch.
type sight struct {
	at     time.Time
	object object
}

// watch remembers every state of every object of one collection, and wakes who waits for one.
type watch struct {
	mutex sync.Mutex
	seen  map[string][]sight
	news  *sync.Cond
}

func (a *api) watch(collection string) *watch {
	w := &watch{seen: map[string][]sight{}}
	w.news = sync.NewCond(&w.mutex)
	go look(a, collection, "", func(_ string, o object) { w.add(o) })
	return w
}

func (w *watch) add(o object) {
	w.mutex.Lock()
	name := o.text("metadata", "name")
	w.seen[name] = append(w.seen[name], sight{time.Now(), o})
	w.mutex.Unlock()
	w.news.Broadcast()
}

// all gives every state of an object so far.
func (w *watch) all(name string) []sight {
	w.mutex.Lock()
	defer w.mutex.Unlock()
	return slices.Clone(w.seen[name])
}

// until gives the first state of an object that satisfies, or false after the patience.
func (w *watch) until(name string, patience time.Duration, satisfies func(object) bool) (sight, bool) {
	late := time.AfterFunc(patience, w.news.Broadcast)
	defer late.Stop()
	end := time.Now().Add(patience)
	w.mutex.Lock()
	defer w.mutex.Unlock()
	for next := 0; ; w.news.Wait() {
		for ; next < len(w.seen[name]); next++ {
			if satisfies(w.seen[name][next].object) {
				return w.seen[name][next], true
			}
		}
		if time.Now().After(end) {
			return sight{}, false
		}
	}
}

// look tells of every state of every object of a collection, for good.
func look[T any](a *api, path, query string, tell func(kind string, object T)) {
	for {
		if err := lookOnce(a, path, query, tell); err != nil {
			fmt.Fprintln(os.Stderr, "the watch of", path, "begins again:", err)
			time.Sleep(time.Second)
		}
	}
}

func lookOnce[T any](a *api, path, query string, tell func(string, T)) error {
	response, err := a.send(context.Background(), "GET", path+"?"+query, nil)
	if err != nil {
		return err
	}
	var list struct {
		Metadata struct{ ResourceVersion string }
		Items    []T
	}
	err = json.NewDecoder(response.Body).Decode(&list)
	response.Body.Close()
	if err != nil {
		return err
	}
	for _, item := range list.Items {
		tell("ADDED", item)
	}
	response, err = a.send(context.Background(), "GET", path+"?watch=1&resourceVersion="+list.Metadata.ResourceVersion+"&"+query, nil)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	for lines := json.NewDecoder(response.Body); ; {
		var event struct {
			Type   string
			Object T
		}
		if err := lines.Decode(&event); err != nil {
			return err
		}
		if event.Type == "ERROR" {
			return fmt.Errorf("the version is too old")
		}
		tell(event.Type, event.Object)
	}
}

// requests is what the API server has answered since it started, by verb, resource and code.
func (a *api) requests() map[string]float64 {
	response, err := a.send(context.Background(), "GET", "/metrics", nil)
	if err != nil {
		return nil
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	answered := map[string]float64{}
	for line := range strings.SplitSeq(string(text), "\n") {
		labels, ok := strings.CutPrefix(line, "apiserver_request_total{")
		if !ok || strings.Contains(line, `dry_run="All"`) {
			continue
		}
		label := func(name string) string {
			_, rest, _ := strings.Cut(labels, name+`="`)
			value, _, _ := strings.Cut(rest, `"`)
			return value
		}
		resource := label(",resource")
		if sub := label("subresource"); sub != "" {
			resource += "/" + sub
		}
		var value float64
		fmt.Sscan(line[strings.LastIndexByte(line, ' ')+1:], &value)
		answered[label("verb")+" "+resource+" "+label("code")] += value
	}
	return answered
}

// writes is what of it was persisted; leases and reviews left out.
func writes(answered map[string]float64) float64 {
	sum := 0.0
	for request, count := range answered {
		verb, rest, _ := strings.Cut(request, " ")
		resource, code, _ := strings.Cut(rest, " ")
		switch verb {
		case "POST", "PUT", "PATCH", "APPLY", "DELETE":
			if strings.HasPrefix(code, "2") && resource != "leases" && !strings.HasSuffix(resource, "reviews") &&
				!strings.HasSuffix(resource, "/token") {
				sum += count
			}
		}
	}
	return sum
}
