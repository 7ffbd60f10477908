package kmstest

import (
	"encoding/hex"
	"encoding/xml"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

func (s *Server) serveSTS(w http.ResponseWriter, r *http.Request, body []byte) {
	form, _ := url.ParseQuery(string(body))
	action := form.Get("Action")
	about := Request{Service: "sts", Action: action, Session: form.Get("RoleSessionName")}
	var err error
	if action != "AssumeRoleWithWebIdentity" { // which needs no signature
		about.Principal, about.Region, err = s.authenticate(r, body, "sts")
	}
	s.record(about)
	if f, ok := s.fault(about); ok {
		if s.transport(w, r, f) {
			return
		}
		if f.kind == answerError {
			err = &failure{f.status, f.code, f.message}
		}
	}
	result := ""
	if err == nil {
		result, err = s.answerSTS(about, form)
	}
	writeXML(w, action, result, err)
}

func (s *Server) answerSTS(about Request, form url.Values) (string, error) {
	switch about.Action {
	case "GetCallerIdentity":
		return "<Arn>" + escape(about.Principal) + "</Arn><UserId>AIDAEXAMPLE</UserId><Account>" + Account + "</Account>", nil
	case "AssumeRole":
		return s.assume(about, form)
	case "AssumeRoleWithWebIdentity":
		return s.assumeWeb(form)
	}
	return "", fail("InvalidAction", "Could not find operation %s for version 2011-06-15", about.Action)
}

func (s *Server) assume(about Request, form url.Values) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	role, ok := s.roles[form.Get("RoleArn")]
	if !ok || role.ExternalID != form.Get("ExternalId") || len(role.Principals) > 0 && !slices.Contains(role.Principals, about.Principal) {
		return "", &failure{403, "AccessDenied", fmt.Sprintf("User: %s is not authorized to perform: sts:AssumeRole on resource: %s", about.Principal, form.Get("RoleArn"))}
	}
	return s.session(role, form.Get("RoleSessionName")), nil
}

func (s *Server) assumeWeb(form url.Values) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	role, ok := s.roles[form.Get("RoleArn")]
	switch {
	case !ok:
		return "", &failure{403, "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"}
	case role.WebToken == "" || role.WebToken != form.Get("WebIdentityToken"):
		return "", fail("InvalidIdentityToken", "Couldn't retrieve verification key from your identity provider, please reference AssumeRoleWithWebIdentity documentation for requirements")
	}
	return s.session(role, form.Get("RoleSessionName")), nil
}

// session makes credentials for a role; s.mu is held.
func (s *Server) session(role Role, name string) string {
	id := "ASIA" + strings.ToUpper(hex.EncodeToString(randomBytes(8)))
	_, short, _ := strings.Cut(role.ARN, ":role/")
	short = short[strings.LastIndex(short, "/")+1:]
	who := caller{hex.EncodeToString(randomBytes(20)), hex.EncodeToString(randomBytes(40)), "arn:aws:sts::" + Account + ":assumed-role/" + short + "/" + name}
	s.principals[id] = who
	return "<Credentials><AccessKeyId>" + id + "</AccessKeyId><SecretAccessKey>" + who.secret + "</SecretAccessKey><SessionToken>" + who.token +
		"</SessionToken><Expiration>" + time.Now().Add(time.Hour).UTC().Format(time.RFC3339) + "</Expiration></Credentials>" +
		"<AssumedRoleUser><Arn>" + escape(who.arn) + "</Arn><AssumedRoleId>AROAEXAMPLE:" + escape(name) + "</AssumedRoleId></AssumedRoleUser>"
}

func writeXML(w http.ResponseWriter, action, result string, err error) {
	const space = ` xmlns="https://sts.amazonaws.com/doc/2011-06-15/"`
	w.Header().Set("Content-Type", "text/xml")
	var f *failure
	if errors.As(err, &f) {
		w.WriteHeader(f.status)
		_, _ = fmt.Fprintf(w, "<ErrorResponse%s><Error><Type>Sender</Type><Code>%s</Code><Message>%s</Message></Error><RequestId>c0ffee</RequestId></ErrorResponse>",
			space, escape(strings.TrimSuffix(f.code, "Exception")), escape(f.message))
		return
	}
	_, _ = fmt.Fprintf(w, "<%sResponse%s><%sResult>%s</%sResult><ResponseMetadata><RequestId>c0ffee</RequestId></ResponseMetadata></%sResponse>",
		action, space, action, result, action, action)
}

func escape(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(s))
	return b.String()
}
