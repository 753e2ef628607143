#include "base/asn1.h"

#include <openssl/asn1.h>
#include <time.h>

bool vls_asn1_time_ms(const ASN1_TIME *time, uint64_t *out_ms)
{
    struct tm parts;
    if (time == NULL || ASN1_TIME_to_tm(time, &parts) != 1)
        return false;
    time_t seconds = timegm(&parts);
    if (seconds < 0)
        return false;
    *out_ms = (uint64_t)seconds * 1000;
    return true;
}
