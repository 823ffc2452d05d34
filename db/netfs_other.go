//go:build !linux

package db

// refuseRemote knows the network file systems of Linux only.
func refuseRemote(string) error { return nil }
