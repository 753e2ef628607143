#ifndef VALISE_COMMON_COMMON_H
#define VALISE_COMMON_COMMON_H
/* common/common - all of this library. */
#include "ask.h"
#include "json.h"
#include "keep.h"
#include "kind.h"
#include "pile.h"
#include "plug.h"
#include "words.h"
#include "xml.h"
#endif
