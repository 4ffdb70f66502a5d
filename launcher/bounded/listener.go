// Package bounded keeps a hostile peer from opening connections without end.
package bounded

import (
	"net"
	"sync"
)

// Listener accepts a connection only while fewer than this many are open; the rest waits in the kernel's short queue.
func Listener(inner net.Listener, most int) net.Listener {
	return &listener{inner, make(chan struct{}, most)}
}

type listener struct {
	net.Listener
	open chan struct{}
}

func (l *listener) Accept() (net.Conn, error) {
	l.open <- struct{}{}
	conn, err := l.Listener.Accept()
	if err != nil {
		<-l.open
		return nil, err
	}
	return &connection{Conn: conn, open: l.open}, nil
}

type connection struct {
	net.Conn
	open chan struct{}
	once sync.Once // http.Server may close twice
}

func (c *connection) Close() error {
	c.once.Do(func() { <-c.open })
	return c.Conn.Close()
}
