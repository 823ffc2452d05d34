package netguard

import "net/netip"

// always reports whether addr is denied whatever the lists say: nothing that a job
// may want lives there, and the metadata services hand out credentials.
func always(addr netip.Addr) bool {
	switch {
	case addr.IsUnspecified(), addr.IsMulticast(), addr.IsLinkLocalUnicast():
		return true
	case addr.Is4():
		b := addr.As4()
		// 0.0.0.0/8 reaches this host on many systems; 240.0.0.0/4 is reserved and holds broadcast.
		return b[0] == 0 || b[0] >= 240 || metadata(addr)
	default:
		return metadata(addr)
	}
}

// metadata reports whether addr is a cloud provider's metadata service outside the
// link-local range.
func metadata(addr netip.Addr) bool {
	switch addr.String() {
	case "fd00:ec2::254", // Amazon
		"fd20:ce::254",    // Google
		"100.100.100.200", // Alibaba
		"192.0.0.192",     // Oracle
		"168.63.129.16":   // Azure's host channel
		return true
	}
	return false
}

func private() []netip.Prefix {
	return []netip.Prefix{
		netip.MustParsePrefix("127.0.0.0/8"),
		netip.MustParsePrefix("10.0.0.0/8"),
		netip.MustParsePrefix("172.16.0.0/12"),
		netip.MustParsePrefix("192.168.0.0/16"),
		netip.MustParsePrefix("100.64.0.0/10"),
		netip.MustParsePrefix("::1/128"),
		netip.MustParsePrefix("fc00::/7"),
	}
}

// embedded returns the IPv4 address that an IPv6 address leads to: IPv4-compatible
// (::a.b.c.d), 6to4 (2002::/16) and NAT64 (64:ff9b::/96).
func embedded(addr netip.Addr) (netip.Addr, bool) {
	if !addr.Is6() {
		return netip.Addr{}, false
	}
	b := addr.As16()
	last := netip.AddrFrom4([4]byte(b[12:16]))
	switch {
	case netip.MustParsePrefix("64:ff9b::/96").Contains(addr):
		return last, true
	case netip.MustParsePrefix("2002::/16").Contains(addr):
		return netip.AddrFrom4([4]byte(b[2:6])), true
	case netip.MustParsePrefix("::/96").Contains(addr) && addr != netip.IPv6Loopback():
		return last, true
	}
	return netip.Addr{}, false
}
