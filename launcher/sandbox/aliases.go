package sandbox

import (
	"fmt"
	"net/netip"
	"slices"
)

// mostDoors are the ports of all aliases together: each is a listener of the launcher's.
const mostDoors = 128

// Alias is a granted name without a wildcard that the pod's /etc/hosts leads to Address, one of its own on loopback, for
// clients that know no proxy. Ports are the granted ones.
type Alias struct {
	Address netip.Addr `json:"address"`
	Name    string     `json:"name"`
	Ports   []string   `json:"ports"`
}

// Door is where one port of an alias is listened on, and the granted name and port it leads to.
type Door struct {
	Address netip.AddrPort
	Target  string
}

var loopback = netip.MustParsePrefix("127.0.0.0/8")

// Doors of all aliases. No two names share an address: the address is what tells the launcher which name is meant.
func (p *Proxy) Doors() ([]Door, error) {
	var doors []Door
	taken := map[netip.Addr]bool{netip.AddrFrom4([4]byte{127, 0, 0, 1}): true} // the proxy's, and every handler's own servers'
	for _, alias := range p.Aliases {
		if !loopback.Contains(alias.Address) || taken[alias.Address] || alias.Name == "" {
			return nil, fmt.Errorf("proxy: %s for %q is no loopback address of its own", alias.Address, alias.Name)
		}
		taken[alias.Address] = true
		ports, err := listed(alias.Ports, mostDoors-len(doors))
		if err != nil {
			return nil, err
		}
		for _, port := range ports {
			doors = append(doors, Door{netip.AddrPortFrom(alias.Address, port), fmt.Sprintf("%s:%d", alias.Name, port)})
		}
	}
	return doors, nil
}

// aliasPorts are what a handler must be able to connect to. Landlock knows ports and no addresses: on these the network policy
// alone keeps it from connecting elsewhere.
func (p *Proxy) aliasPorts() ([]uint16, error) {
	doors, err := p.Doors()
	var ports []uint16
	for _, door := range doors {
		ports = append(ports, door.Address.Port())
	}
	slices.Sort(ports)
	return slices.Compact(ports), err
}
