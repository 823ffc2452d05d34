// Package netguard decides which network addresses outgoing requests may reach.
//
// A request's URL is chosen by a person, and a name can resolve to anything. The
// guard therefore looks at the address of each connection at the moment it is made:
// put [Rules.Control] into a [net.Dialer] and every hop of every redirect is judged
// by where it really goes.
package netguard

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"syscall"
)

// Private is the word that stands for loopback, RFC 1918, carrier-grade NAT and
// unique local addresses in a list of networks.
const Private = "private"

// Rules say which addresses may be reached. The zero value denies only what is
// always denied. Rules do not change after [ParseRules] and are safe for concurrent use.
type Rules struct {
	deny, allow []netip.Prefix
}

// DeniedError says that an address must not be reached.
type DeniedError struct {
	// Address is the address without port, as "169.254.169.254".
	Address string
}

// Error implements error.
func (e *DeniedError) Error() string {
	return "address " + e.Address + " is denied by this server's network rules"
}

// ParseRules makes rules from two lists of networks. An entry is a prefix
// ("10.0.0.0/8"), an address ("192.0.2.7") or the word [Private]; blank entries are
// skipped. An address in allow is permitted even if deny covers it. Cloud metadata,
// link-local, multicast and unspecified addresses stay denied whatever the lists say.
func ParseRules(deny, allow []string) (*Rules, error) {
	d, err := parse(deny)
	if err != nil {
		return nil, fmt.Errorf("denied networks: %w", err)
	}
	a, err := parse(allow)
	if err != nil {
		return nil, fmt.Errorf("allowed networks: %w", err)
	}
	return &Rules{deny: d, allow: a}, nil
}

// Check returns a [DeniedError] if addr must not be reached. IPv4 addresses inside
// IPv6 ones (mapped, compatible, 6to4, NAT64) are judged as the IPv4 address too.
func (r *Rules) Check(addr netip.Addr) error {
	addr = addr.Unmap().WithZone("")
	denied := r.denied(addr)
	if inner, ok := embedded(addr); ok {
		denied = denied || r.denied(inner)
	}
	if denied {
		return &DeniedError{Address: addr.String()}
	}
	return nil
}

// Control is for [net.Dialer.Control]: it is called with the address that is about
// to be connected and refuses what the rules deny, and everything that is not TCP or UDP.
func (r *Rules) Control(network, address string, _ syscall.RawConn) error {
	if !strings.HasPrefix(network, "tcp") && !strings.HasPrefix(network, "udp") {
		return &DeniedError{Address: address}
	}
	ap, err := netip.ParseAddrPort(address)
	if err != nil {
		return &DeniedError{Address: address}
	}
	return r.Check(ap.Addr())
}

func (r *Rules) denied(addr netip.Addr) bool {
	switch {
	case !addr.IsValid() || always(addr):
		return true
	case contains(r.allow, addr):
		return false
	default:
		return contains(r.deny, addr)
	}
}

func contains(nets []netip.Prefix, addr netip.Addr) bool {
	return slices.ContainsFunc(nets, func(p netip.Prefix) bool { return p.Contains(addr) })
}

func parse(list []string) ([]netip.Prefix, error) {
	var nets []netip.Prefix
	for _, entry := range list {
		entry = strings.TrimSpace(entry)
		switch {
		case entry == "":
		case strings.EqualFold(entry, Private):
			nets = append(nets, private()...)
		default:
			p, err := parseNet(entry)
			if err != nil {
				return nil, err
			}
			nets = append(nets, p)
		}
	}
	return nets, nil
}

func parseNet(s string) (netip.Prefix, error) {
	bad := fmt.Errorf("%q is not a network: write a prefix like 10.0.0.0/8, an address, or the word %q", s, Private)
	if addr, err := netip.ParseAddr(s); err == nil {
		addr = addr.Unmap().WithZone("")
		return netip.PrefixFrom(addr, addr.BitLen()), nil
	}
	p, err := netip.ParsePrefix(s)
	if err != nil {
		return netip.Prefix{}, bad
	}
	if p.Addr().Is4In6() {
		// Connected addresses are compared unmapped, so the prefix has to be as well.
		if p.Bits() < 96 {
			return netip.Prefix{}, bad
		}
		p = netip.PrefixFrom(p.Addr().Unmap(), p.Bits()-96)
	}
	return p.Masked(), nil
}
