package gateway

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"dev.corral/launcher/protocol"
)

const (
	tunnelTimeout = 45 * time.Second // a turn to resolve, resolving and connecting may take the gateway ten each
	tunnelTries   = 3
)

// Tunnel asks the gateway, at its port for tunnels, for a connection to a host name and port. The target must be free of
// characters that could end its line. What the gateway refuses comes back as *Refused.
func (c *Client) Tunnel(ctx context.Context, port uint16, target string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, tunnelTimeout)
	defer cancel()
	base, err := url.Parse(c.base)
	if err != nil {
		return nil, err
	}
	address := net.JoinHostPort(base.Hostname(), strconv.Itoa(int(port)))
	var plain net.Conn
	for try := 1; ; try++ {
		if plain, err = c.dial(ctx, "tcp", address); err == nil {
			break
		}
		if try == tunnelTries || ctx.Err() != nil {
			return nil, err
		}
	}
	conn := tls.Client(plain, c.trust)
	deadline, _ := ctx.Deadline()
	conn.SetDeadline(deadline)
	reader, err := c.connect(ctx, conn, target)
	if err != nil {
		conn.Close()
		return nil, err
	}
	conn.SetDeadline(time.Time{})
	return &tunnel{conn, reader}, nil
}

func (c *Client) connect(ctx context.Context, conn *tls.Conn, target string) (*bufio.Reader, error) {
	if err := conn.HandshakeContext(ctx); err != nil {
		return nil, err
	}
	execution, _ := c.execution.Load().(string)
	_, err := fmt.Fprintf(conn,
		"CONNECT %s HTTP/1.1\r\nHost: %s\r\nAuthorization: %s\r\nCorral-Execution: %s\r\nUser-Agent: corral/%s\r\n\r\n",
		target, target, c.authorization, execution, protocol.Version)
	if err != nil {
		return nil, err
	}
	reader := bufio.NewReader(conn)
	response, err := http.ReadResponse(reader, &http.Request{Method: http.MethodConnect})
	if err != nil {
		return nil, err
	}
	if response.StatusCode != http.StatusOK {
		defer response.Body.Close()
		refused := &Refused{Status: response.StatusCode}
		text, _ := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
		json.Unmarshal(text, refused)
		return nil, refused
	}
	return reader, nil
}

// tunnel reads what came right behind the gateway's answer first.
type tunnel struct {
	*tls.Conn
	reader *bufio.Reader
}

func (t *tunnel) Read(into []byte) (int, error) { return t.reader.Read(into) }
