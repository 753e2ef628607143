#include "uuid5.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#define UUID_BYTES 16u
#define VERSION_5  0x50u
#define VARIANT_1  0x80u

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Lower case, with the four hyphens where they belong. */
static bool read_uuid(const char *text, unsigned char bytes[UUID_BYTES])
{
    if (strlen(text) != UUID_ROOM - 1)
        return false;
    size_t at = 0;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        if ((i == 4 || i == 6 || i == 8 || i == 10) && text[at++] != '-')
            return false;
        int high = digit(text[at]), low = digit(text[at + 1]);
        if (high < 0 || low < 0)
            return false;
        bytes[i] = (unsigned char)(high * 16 + low);
        at += 2;
    }
    return true;
}

static void write_uuid(const unsigned char bytes[UUID_BYTES], char out[UUID_ROOM])
{
    size_t at = 0;
    for (size_t i = 0; i < UUID_BYTES; i++) {
        bool is_behind_hyphen = i == 4 || i == 6 || i == 8 || i == 10;
        at += (size_t)snprintf(out + at, UUID_ROOM - at, is_behind_hyphen ? "-%02x" : "%02x",
                               bytes[i]);
    }
}

bool uuid5(const char *name_space, const char *name, char out[UUID_ROOM])
{
    unsigned char bytes[UUID_BYTES], digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *sha = EVP_MD_CTX_new();
    bool is_fine = sha != NULL && read_uuid(name_space, bytes) &&
                   EVP_DigestInit_ex(sha, EVP_sha1(), NULL) == 1 &&
                   EVP_DigestUpdate(sha, bytes, sizeof bytes) == 1 &&
                   EVP_DigestUpdate(sha, name, strlen(name)) == 1 &&
                   EVP_DigestFinal_ex(sha, digest, NULL) == 1;
    EVP_MD_CTX_free(sha);
    if (!is_fine)
        return false;
    digest[6] = (unsigned char)((digest[6] & 0x0fu) | VERSION_5);
    digest[8] = (unsigned char)((digest[8] & 0x3fu) | VARIANT_1);
    write_uuid(digest, out);
    return true;
}
