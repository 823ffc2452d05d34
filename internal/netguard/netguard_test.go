package netguard

import (
	"errors"
	"net"
	"net/netip"
	"testing"
)

func TestCheck(t *testing.T) {
	t.Parallel()
	tests := []struct {
		name        string
		deny, allow []string
		addr        string
		denied      bool
	}{
		{name: "public address", addr: "93.184.216.34"},
		{name: "public IPv6 address", addr: "2606:2800:220:1::1"},
		{name: "loopback is open by default", addr: "127.0.0.1"},
		{name: "IPv6 loopback is open by default", addr: "::1"},
		{name: "private network is open by default", addr: "10.1.2.3"},
		{name: "metadata", addr: "169.254.169.254", denied: true},
		{name: "metadata cannot be allowed", allow: []string{"169.254.169.254", "0.0.0.0/0"}, addr: "169.254.169.254", denied: true},
		{name: "metadata as mapped IPv6", addr: "::ffff:169.254.169.254", denied: true},
		{name: "metadata as compatible IPv6", addr: "::a9fe:a9fe", denied: true},
		{name: "metadata behind 6to4", addr: "2002:a9fe:a9fe::1", denied: true},
		{name: "metadata behind NAT64", addr: "64:ff9b::a9fe:a9fe", denied: true},
		{name: "Amazon's IPv6 metadata", addr: "fd00:ec2::254", denied: true},
		{name: "link-local IPv6 with zone", addr: "fe80::1%eth0", denied: true},
		{name: "this network", addr: "0.0.0.0", denied: true},
		{name: "zero net", addr: "0.1.2.3", denied: true},
		{name: "unspecified IPv6", addr: "::", denied: true},
		{name: "multicast", addr: "224.0.0.1", denied: true},
		{name: "IPv6 multicast", addr: "ff02::1", denied: true},
		{name: "broadcast", addr: "255.255.255.255", denied: true},
		{name: "private word, loopback", deny: []string{"private"}, addr: "127.9.9.9", denied: true},
		{name: "private word, IPv6 loopback", deny: []string{"Private"}, addr: "::1", denied: true},
		{name: "private word, mapped", deny: []string{"private"}, addr: "::ffff:192.168.1.1", denied: true},
		{name: "private word, carrier-grade NAT", deny: []string{"private"}, addr: "100.64.0.1", denied: true},
		{name: "private word, unique local", deny: []string{"private"}, addr: "fd12::1", denied: true},
		{name: "private word leaves the rest", deny: []string{"private"}, addr: "172.32.0.1"},
		{name: "allow wins over deny", deny: []string{"private"}, allow: []string{"10.0.0.0/24"}, addr: "10.0.0.9"},
		{name: "allow is no wider than written", deny: []string{"private"}, allow: []string{"10.0.0.0/24"}, addr: "10.0.1.9", denied: true},
		{name: "unmasked prefix", deny: []string{"10.1.2.3/8"}, addr: "10.200.0.1", denied: true},
		{name: "mapped prefix", deny: []string{"::ffff:10.0.0.0/104"}, addr: "10.200.0.1", denied: true},
		{name: "single address and blanks", deny: []string{" ", "192.0.2.7 "}, addr: "192.0.2.7", denied: true},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			r, err := ParseRules(tt.deny, tt.allow)
			if err != nil {
				t.Fatal(err)
			}
			err = r.Check(netip.MustParseAddr(tt.addr))
			if got := err != nil; got != tt.denied {
				t.Errorf("Check(%s) = %v, want denied %v", tt.addr, err, tt.denied)
			}
		})
	}
}

func TestParseRulesRefuses(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"10.0.0.0/33", "example.com", "10.0.0", "privat", "::ffff:0.0.0.0/90"} {
		if _, err := ParseRules([]string{bad}, nil); err == nil {
			t.Errorf("deny %q was accepted", bad)
		}
		if _, err := ParseRules(nil, []string{bad}); err == nil {
			t.Errorf("allow %q was accepted", bad)
		}
	}
}

func TestControlStopsTheDial(t *testing.T) {
	t.Parallel()
	var lc net.ListenConfig
	ln, err := lc.Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer ln.Close()

	dial := func(deny ...string) error {
		r, err := ParseRules(deny, nil)
		if err != nil {
			t.Fatal(err)
		}
		d := net.Dialer{Control: r.Control}
		conn, err := d.DialContext(t.Context(), "tcp", ln.Addr().String())
		if err == nil {
			conn.Close()
		}
		return err
	}
	if err := dial(); err != nil {
		t.Errorf("open rules: %v", err)
	}
	var denied *DeniedError
	if err := dial("private"); !errors.As(err, &denied) || denied.Address != "127.0.0.1" {
		t.Errorf("denied dial = %v, want a DeniedError for 127.0.0.1", err)
	}
	if err := new(Rules).Control("unix", "/run/docker.sock", nil); !errors.As(err, &denied) {
		t.Errorf("unix socket = %v, want a DeniedError", err)
	}
}

func FuzzParseRules(f *testing.F) {
	f.Add("10.0.0.0/8", "127.0.0.1:80")
	f.Add("private", "[::ffff:1.2.3.4]:1")
	f.Fuzz(func(_ *testing.T, list, address string) {
		r, err := ParseRules([]string{list}, nil)
		if err == nil {
			_ = r.Control("tcp", address, nil)
		}
	})
}
