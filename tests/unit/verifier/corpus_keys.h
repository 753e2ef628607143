#ifndef VALISE_TESTS_CORPUS_KEYS_H
#define VALISE_TESTS_CORPUS_KEYS_H
/* The keys that the proofs in tests/fuzz/corpus are signed with; their secret halves are gone. */

static const struct corpus_party {
    const char *party, *log, *witness;
} CORPUS_PARTIES[] = {
    {"un", "Yprd74c+bPWhD3pMsxjDr+7xc4O3zlSP3gALfYwaWJU=",
     "9AdZ9hJxbjOuXWo3cyQEP1Pt2nRzndtHiVknAZ3fk9k="},
    {"iom", "QJw7f9juQMsyVJpeOY12c7KQ7DiGtK2T0tdF7IEUOEY=",
     "UDsIX88K04E7PEmgCXuEA3vXvd737kjJeQdtNAKl0bU="},
};

#endif
