package handlerapi

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"dev.corral/launcher/protocol"
)

func serve(t *testing.T) (*Queue, string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	queue := NewQueue()
	server, err := Listen(path, queue)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(server.Close)
	return queue, path
}

func clientOf(path string) *http.Client {
	return &http.Client{Timeout: time.Minute, Transport: &http.Transport{
		DisableKeepAlives: true,
		DialContext: func(ctx context.Context, _, _ string) (net.Conn, error) {
			return (&net.Dialer{}).DialContext(ctx, "unix", path)
		},
	}}
}

func post(t *testing.T, path, body string) (int, string) {
	t.Helper()
	response, err := clientOf(path).Post("http://corral/v1/events", "application/json", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	text, _ := io.ReadAll(response.Body)
	return response.StatusCode, string(text)
}

func TestEveryAnswerSaysWhy(t *testing.T) {
	queue, path := serve(t)
	queue.Grant([]string{"check.*@v1"}, 2)
	good := `{"topic":"check.done@v1","message":"m","key":"k","data":{"a":[1]}}`
	for _, c := range []struct {
		body   string
		status int
		why    string
	}{
		{good, 202, ""},
		{`{"topic":"check.done@v1","data":null}`, 202, ""},
		{good, 429, "budget"},
		{`{"topic":"other@v1"}`, 403, "not granted"},
		{`{"topic":"Check"}`, 400, "topic"},
		{`{"topic":"check.done@v1","data":[1]}`, 400, "object"},
		{`{"topic":"check.done@v1","message":7}`, 400, "expected"},
		{`{"topic":"check.done@v1","message":"` + strings.Repeat("m", 1025) + `"}`, 400, "message"},
		{`{"topic":"check.done@v1","key":"` + strings.Repeat("k", 129) + `"}`, 400, "key"},
		{`{"topic":`, 400, "JSON"},
		{`[]`, 400, "expected"},
		{`{"topic":"check.done@v1","data":{"a":1,"a":2}}`, 400, `"a" twice`}, // one that the gateway cannot read would cost its whole batch
		{strings.Repeat("[", 100_000), 400, "JSON"},
		{`{"topic":"check.done@v1","message":"` + strings.Repeat("m", 128<<10) + `"}`, 413, "128 KiB"},
	} {
		if status, why := post(t, path, c.body); status != c.status || !strings.Contains(why, c.why) || strings.Count(why, "\n") > 1 {
			t.Errorf("%.60s: %d %q, expected %d", c.body, status, why, c.status)
		}
	}
	if totals := queue.Totals(); totals != (protocol.EventTotals{Emitted: 4, Denied: 1, Dropped: 1 + 2}) { // nobody has taken the two
		t.Errorf("%+v", totals)
	}
	for target, status := range map[string]int{"/v1/events": 405, "/": 404, "/v1/session": 404} {
		response, err := clientOf(path).Get("http://corral" + target)
		if err != nil {
			t.Fatal(err)
		}
		response.Body.Close()
		if response.StatusCode != status {
			t.Errorf("GET %s: %d", target, response.StatusCode)
		}
	}
}

// A handler that opens connections and says nothing takes no more than its share, and gives it back.
func TestIdleConnectionsAreBounded(t *testing.T) {
	queue, path := serve(t)
	queue.Grant([]string{"a@v1"}, 10)
	var idle []net.Conn
	for range connections {
		conn, err := net.Dial("unix", path)
		if err != nil {
			t.Fatal(err)
		}
		idle = append(idle, conn)
	}
	answered := make(chan int, 1)
	go func() {
		response, err := clientOf(path).Post("http://corral/v1/events", "", strings.NewReader(`{"topic":"a@v1"}`))
		if err != nil {
			answered <- 0
			return
		}
		response.Body.Close()
		answered <- response.StatusCode
	}()
	for _, conn := range idle {
		conn.Close()
	}
	if status := <-answered; status != 202 {
		t.Errorf("after the others had gone: %d", status)
	}
}

func TestTheQueueIsOrderedBoundedAndEmptiesAtTheEnd(t *testing.T) {
	queue := NewQueue()
	queue.Grant([]string{"a"}, 1000)
	big := protocol.Event{Topic: "a", Message: strings.Repeat("m", 100<<10)}
	accepts := 0
	for queue.offer(big) == accepted {
		accepts++
	}
	if accepts != 20 { // 2 MiB
		t.Errorf("%d large events were taken", accepts)
	}
	batch := queue.Next(context.Background(), 20, 256<<10)
	if len(batch) != 2 || batch[0].Seq != 1 || batch[1].Seq != 2 {
		t.Errorf("batch of %d", len(batch))
	}
	if again := queue.Next(context.Background(), 20, 1); len(again) != 1 || again[0].Seq != 1 {
		t.Errorf("an event larger than the batch must still be sent: %d", len(again))
	}
	queue.Done(batch, protocol.EventsAnswer{Published: 1, Dropped: 1})
	if next := queue.Next(context.Background(), 1, 1<<20); next[0].Seq != 3 {
		t.Errorf("next is %d", next[0].Seq)
	}
	queue.Close()
	for count := 0; ; count++ {
		batch := queue.Next(context.Background(), 1, 1<<20)
		if len(batch) == 0 {
			if count != 18 {
				t.Errorf("%d events were left at the end", count)
			}
			break
		}
		queue.Done(batch, protocol.EventsAnswer{Published: 1})
	}
	if totals := queue.Totals(); totals != (protocol.EventTotals{Emitted: 21, Dropped: 2}) {
		t.Errorf("%+v", totals)
	}
	if verdict := queue.offer(protocol.Event{Topic: "a"}); verdict != full {
		t.Error(fmt.Sprint("after the end: ", verdict))
	}
}

// The gateway bounds what it is sent, and a batch it does not take is lost whole.
func TestABatchIsNotLargerAsItIsSent(t *testing.T) {
	queue := NewQueue()
	queue.Grant([]string{"*@v1"}, 1000)
	for range 40 {
		queue.offer(protocol.Event{Topic: "a@v1", Message: strings.Repeat("\"\n\x01", 300), Data: []byte(`"` + strings.Repeat("d", 11000) + `"`)})
	}
	batch := queue.Next(context.Background(), 20, 256<<10)
	sent, err := protocol.Encode(map[string]any{"events": batch})
	if err != nil || len(batch) < 10 || len(sent) > 256<<10 {
		t.Errorf("%d events of %d bytes, %v", len(batch), len(sent), err)
	}
}

func TestNextEndsWithItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if batch := NewQueue().Next(ctx, 1, 1); batch != nil {
		t.Error(batch)
	}
}
