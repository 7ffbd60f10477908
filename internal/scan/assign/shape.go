package assign

// bigrams says how much more often than by chance a letter follows another in the
// words of Go's source tree and its comments: half a bit for each letter of the
// alphabet away from j. Row: the first letter, column: the second.
const bigrams = "" +
	"jkllhiieidglklejfllmgkgigd" +
	"mkkjljiglhfmigjhhkkhkhifig" +
	"mikiliiljdkkjhmhfjjkiifefd" +
	"lkjmnihgmffihhjihjkhjiihge" +
	"khkmijiegcekjlfihnmleigjfe" +
	"likjkmhfmefkjikiekkjifhgge" +
	"kijiniijlfgjikliflljjhgfff" +
	"njhinhhhlghjihlhgkjkkhhghg" +
	"iikkijjefdekjoljeikldjegdi" +
	"kjkjkijijijjjjkjiilikiijii" +
	"kijioijilhhjjijihiliihihhg" +
	"lhhknhhhmdfmggmgfhjjihhfje" +
	"niiimggflefijgmmfgkikgffge" +
	"kgklmimfkehhhhkheglnhhfdee" +
	"ihlkfihehdgjknjkcmkkkkifdd" +
	"mgjimhhikdhkigljfmlkjfgfgd" +
	"jijkjhijjhijjhhikjjinjjiji" +
	"mgjjohhemdhjjilhejkkihgfhd" +
	"jhkimggkmcijhgijgiknkfifie" +
	"mgihnhfkndeihgkiemkjigggjf" +
	"iljijjhgjeemkngkflllfhghef" +
	"lijjmkhhkeeilhhliiliiijhef" +
	"mikiljijlggijjligklijihigh" +
	"kjkjkjhhjhgijhjlgjjmhmikhg" +
	"jijjkiihjghilkimhilkhhiiii" +
	"kijjoiijkihiiijhhijiiijkij"

// wordy tells whether letters read like a word or a piece of one.
func wordy(w []byte) bool {
	sum := 0
	for i := 1; i < len(w); i++ {
		a, b := w[i-1]|32, w[i]|32
		sum += int(bigrams[int(a-'a')*26+int(b-'a')]) - 'j'
	}
	return sum*2 >= len(w)-1 // a quarter of a bit for each pair
}

// shape is what a value looks like.
type shape struct {
	n                                    int
	uppers, lowers, digits, marks, other int // marks join words: _ - . / :
	changes                              int // between letters and digits, and from small letters to capitals
	words                                int // letters in runs of three or more that read like words
	longest                              int // the longest such run
	distinct                             int
	leet                                 bool // a digit between two letters
	hex                                  bool
}

// shapeOf looks at a value, up to 512 bytes of it.
func shapeOf(v []byte) shape {
	if len(v) > 512 {
		v = v[:512]
	}
	s := shape{n: len(v), hex: true}
	var seen [256]bool
	start := 0
	run := func(end int) {
		if w := v[start:end]; len(w) >= 3 && wordy(w) {
			s.words += len(w)
			s.longest = max(s.longest, len(w))
		}
	}
	for i, c := range v {
		if !seen[c] {
			seen[c] = true
			s.distinct++
		}
		k := s.count(c)
		if i > 0 {
			before := classes[v[i-1]]
			if before == digit && k&(upper|lower) != 0 || k == digit && before&(upper|lower) != 0 || before == lower && k == upper {
				s.changes++
			}
			if k == digit && i+1 < len(v) && isLetter(v[i-1]) && isLetter(v[i+1]) {
				s.leet = true
			}
		}
		switch {
		case !isLetter(c):
			run(i)
			start = i + 1
		case i > start && k == upper && classes[v[i-1]] == lower:
			run(i)
			start = i
		case i > start+1 && k == lower && classes[v[i-1]] == upper && classes[v[i-2]] == upper:
			start = i - 1
		}
	}
	run(len(v))
	return s
}

// count counts a byte's class.
func (s *shape) count(c byte) uint8 {
	k := classes[c]
	switch {
	case k == upper:
		s.uppers++
	case k == lower:
		s.lowers++
	case k == digit:
		s.digits++
	case k == nameMark || c == '/' || c == ':':
		s.marks++
	default:
		s.other++
	}
	if k != digit && (c|32 < 'a' || c|32 > 'f') {
		s.hex = false
	}
	return k
}

// random tells whether a value looks drawn by a machine rather than written.
func (s shape) random() bool {
	letters := s.uppers + s.lowers
	switch {
	case s.hex && s.n >= 16:
		return s.digits > 0 && letters > 0 && s.distinct >= 8
	case s.n < 8 || s.distinct*8 < min(s.n, 24)*3:
		return false
	case s.digits == 0 && (s.uppers == 0 || s.lowers == 0) && s.other == 0:
		return s.n >= 16 && s.words*4 <= letters && s.marks == 0
	}
	// Letters of both cases, digits and signs alternate in what a machine draws.
	return s.changes+s.other >= max(2, s.n/6) && s.words*5 <= s.n*3 && s.marks*6 <= s.n && (s.longest <= 7 || s.longest*4 <= s.n)
}

// varied tells whether a value has all kinds of characters, as people's passwords
// do where all are asked for.
func (s shape) varied() bool {
	return s.n >= 8 && s.uppers > 0 && s.lowers > 0 && s.digits > 1 && s.marks+s.other > 0
}

// mixed tells whether a value mixes characters as people do in passwords that
// must be good, and as names never do.
func (s shape) mixed() bool {
	kinds := 0
	for _, n := range [...]int{s.uppers, s.lowers, s.digits, s.other + s.marks} {
		if n > 0 {
			kinds++
		}
	}
	return s.n >= 8 && kinds >= 3 && s.digits > 0 && (s.other > 0 || s.leet)
}
