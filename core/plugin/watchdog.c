#include "plugin/watchdog.h"

#include <errno.h>
#include <signal.h>
#include <sys/time.h>

struct vls_status vls_watchdog_init(struct vls_why *why)
{
    sigset_t alarm_only;
    struct sigaction standard = {.sa_handler = SIG_DFL};
    sigemptyset(&alarm_only);
    sigaddset(&alarm_only, SIGALRM);
    if (sigaction(SIGALRM, &standard, NULL) != 0 ||
        sigprocmask(SIG_UNBLOCK, &alarm_only, NULL) != 0)
        return vls_fail_errno(VLS_SYSTEM_BUG, why, errno, "the watchdog cannot take its signal");
    return VLS_DONE;
}

static void set(uint32_t ms)
{
    struct itimerval timer = {.it_value = {.tv_sec = ms / 1000, .tv_usec = (ms % 1000) * 1000}};
    /* fails only for values out of range or a bad address: neither can be */
    (void)setitimer(ITIMER_REAL, &timer, NULL);
}

void vls_watchdog_begin(uint32_t limit_ms)
{
    set(limit_ms);
}

void vls_watchdog_end(void)
{
    set(0);
}
