package vaulttest

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"time"
)

// authority is the certificate authority of one server, and its only certificate.
type authority struct {
	pem  []byte
	pool *x509.CertPool
	leaf tls.Certificate
}

// hosts are what the server's certificate is good for.
var hosts = []string{
	"localhost", "*.vault.azure.net", "*.managedhsm.azure.net", "*.vault.azure.cn", "*.managedhsm.azure.cn",
	"*.vault.usgovcloudapi.net", "*.managedhsm.usgovcloudapi.net", "vault.example", "*.example.com",
	"login.microsoftonline.com", "login.microsoft.com", "login.chinacloudapi.cn", "login.microsoftonline.us",
}

func newAuthority() (*authority, error) {
	root := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "vaulttest"}, IsCA: true, BasicConstraintsValid: true,
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour), KeyUsage: x509.KeyUsageCertSign,
	}
	rootKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	rootDER, err := x509.CreateCertificate(rand.Reader, root, root, rootKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	leaf := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "vault"}, DNSNames: hosts, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: root.NotBefore, NotAfter: root.NotAfter, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	leafKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	leafDER, err := x509.CreateCertificate(rand.Reader, leaf, root, leafKey.Public(), rootKey)
	if err != nil {
		return nil, err
	}
	a := &authority{
		pem:  pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: rootDER}),
		pool: x509.NewCertPool(),
		leaf: tls.Certificate{Certificate: [][]byte{leafDER}, PrivateKey: leafKey},
	}
	a.pool.AppendCertsFromPEM(a.pem)
	return a, nil
}

// dial leads to the server. The metadata service is there only if the test says so.
func (s *Server) dial(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	host, port, err := net.SplitHostPort(address)
	if err != nil {
		return nil, err
	}
	if host == "169.254.169.254" && !s.hasMetadata() {
		return nil, errNoRoute
	}
	if port == "80" || address == s.plainAddress() {
		return d.DialContext(ctx, network, s.plainAddress())
	}
	return d.DialContext(ctx, network, s.Host())
}
