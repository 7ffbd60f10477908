package envelope
import ("testing";"bytes";"fmt";"sync";"os/exec";"math/rand/v2";"os")
func insert(p []byte, r *rand.Rand, size int) []byte { at:=r.IntN(len(p)); q:=append([]byte{},p[:at]...); q=append(q,phrase(r,size)[:size]...); return append(q,p[at:]...)}
func TestExplore(t *testing.T){
	if os.Getenv("EXPLORE")=="" { t.Skip() }
	git,_:=exec.LookPath("git")
	_ = sync.Pool{}
	for _,c:=range []struct{n string; f func(int)[]byte; size int}{{"yaml",yamlText,200<<10},{"log",logText,200<<10},{"yaml",yamlText,600<<10},{"json",jsonState,2<<20},{"log",logText,8<<20},{"sql",sqlText,8<<20},{"json",jsonState,8<<20}}{
	 for _,mode:=range []string{"replace","insert"}{
	  p:=c.f(c.size)
	  var vs [][]byte
	  r:=source("x"); q:=p; vs=append(vs,q)
	  for range 20 { if mode=="replace" {q=edit(q,r,100)} else {q=insert(q,r,100)}; vs=append(vs,q)}
	  plain:=packOf(t,git,vs)
	  for _,v:=range []struct{s Segmenting; nar,gr int}{
	   {Segmenting{11,12,12,16},2,6},{Segmenting{11,13,13,16},2,6},{Segmenting{11,14,14,16},2,6},
	   {Segmenting{11,12,14,16},2,6},{Segmenting{11,12,14,16},2,5},{Segmenting{11,12,14,16},1,6},{Segmenting{11,12,14,16},3,6},{Segmenting{11,12,15,17},2,6},{Segmenting{12,12,14,16},2,6},{Segmenting{11,11,14,16},2,6},{Segmenting{10,11,14,16},2,6},{Segmenting{10,12,14,16},2,6}}{
	   narrowing=v.nar; growth=v.gr
	   k:=NewKey(KeyID{1},&[32]byte{2})
	   var ss [][]byte; 
	   for _,x:=range vs { var b bytes.Buffer; w:=newWriter(&b,k,v.s); w.Write(x); w.Close(); ss=append(ss,b.Bytes())}
	   i,_:=Inspect(bytes.NewReader(ss[0]))
	   fmt.Printf("%s %dK %s %v nar%d gr%d ratio %.3f seg %d size %.3f\n",c.n,c.size>>10,mode,v.s,v.nar,v.gr,float64(packOf(t,git,ss))/float64(plain),c.size/i.Segments,float64(i.Size)/float64(c.size))
	  }
	 }
	}
}
