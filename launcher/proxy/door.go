package proxy

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"dev.corral/launcher/protocol"
)

const (
	// silence is how long a client may stay without a word: until then it costs the gateway nothing.
	silence = time.Minute
	// acceptAgain after the kernel had no room for a connection.
	acceptAgain = 50 * time.Millisecond

	tlsHandshake = 0x16
)

// accessDenied is a fatal TLS alert: what a client shows for it names the reason, which a mere end of the connection would not.
var accessDenied = []byte{0x15, 3, 3, 0, 2, 2, 49}

// answer carries every connection of a door to the one name it is for. Whether what a client says names that host too is
// the gateway's to see.
func (s *Server) answer(door net.Listener, target string) {
	for {
		inside, err := door.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			time.Sleep(acceptAgain)
			continue
		}
		s.led <- struct{}{}
		go func() {
			defer func() { <-s.led }()
			defer inside.Close()
			s.lead(inside, target)
		}()
	}
}

// lead waits for a first word before it asks for a tunnel: clients open connections that they never use.
func (s *Server) lead(inside net.Conn, target string) {
	inside.SetDeadline(time.Now().Add(silence))
	first := make([]byte, pieceBytes)
	n, err := inside.Read(first)
	dial := s.dial.Load()
	if err != nil || dial == nil {
		return
	}
	outside, err := (*dial)(context.Background(), target)
	if err != nil {
		inside.Write(refusal(first[0] == tlsHandshake, err))
		return
	}
	defer outside.Close()
	inside.SetDeadline(time.Time{})
	if _, err := outside.Write(first[:n]); err == nil {
		join(inside, outside)
	}
}

// refusal in the client's own language.
func refusal(tls bool, err error) []byte {
	if tls {
		return accessDenied
	}
	status, text := said(err)
	text = "corral: " + protocol.Printable([]byte(protocol.Cut(text, 512)))
	return fmt.Appendf(nil, "HTTP/1.1 %d Refused\r\nX-Corral-Refused: %s\r\nContent-Type: text/plain\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s\n",
		status, text, len(text)+1, text)
}
