#include "ledger/decimal.h"

#include "base/limits.h"

bool vls_decimal_read(struct vls_slice text, uint64_t *out)
{
    uint64_t number = 0;
    if (text.len == 0 || (text.len > 1 && text.at[0] == '0'))
        return false;
    for (size_t i = 0; i < text.len; i++) {
        if (text.at[i] < '0' || text.at[i] > '9')
            return false;
        uint64_t digit = (uint64_t)(text.at[i] - '0');
        if (number > (VLS_MAX_LEAVES - digit) / 10)
            return false;
        number = number * 10 + digit;
    }
    *out = number;
    return true;
}
