package kmstest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"sync"
	"time"
)

// Flaw is what is wrong with the server's certificate.
type Flaw int

// The flaws.
const (
	Flawless Flaw = iota
	ExpiredCertificate
	OtherHost
	UnknownAuthority
)

// SetFlaw makes new connections meet a bad certificate.
func (s *Server) SetFlaw(f Flaw) {
	s.certs.mu.Lock()
	defer s.certs.mu.Unlock()
	s.certs.flaw = f
}

// An authority issues a certificate for whatever host a client asks for.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte

	mu   sync.Mutex
	flaw Flaw
}

func newAuthority() (*authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "kmstest"}, IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return nil, err
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		return nil, err
	}
	return &authority{cert: cert, key: key, pem: pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, nil
}

// certificate implements tls.Config.GetCertificate.
func (a *authority) certificate(hello *tls.ClientHelloInfo) (*tls.Certificate, error) {
	a.mu.Lock()
	flaw := a.flaw
	a.mu.Unlock()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, err
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "kmstest"}, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(24 * time.Hour),
	}
	issuer, signer := a.cert, a.key
	switch flaw {
	case ExpiredCertificate:
		template.NotAfter = time.Now().Add(-time.Hour)
	case UnknownAuthority:
		issuer, signer = template, key
	}
	switch {
	case flaw == OtherHost:
		template.DNSNames = []string{"portal.example"}
	case hello.ServerName == "":
		template.IPAddresses = []net.IP{net.IPv4(127, 0, 0, 1)}
	default:
		template.DNSNames = []string{hello.ServerName}
	}
	der, err := x509.CreateCertificate(rand.Reader, template, issuer, &key.PublicKey, signer)
	if err != nil {
		return nil, err
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}
