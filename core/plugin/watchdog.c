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

void vls_watchdog_begin(uint32_t limit_ms)
{
    (void)vls_watchdog_replace(limit_ms);
}

uint32_t vls_watchdog_replace(uint32_t limit_ms)
{
    struct itimerval before = {.it_value = {.tv_sec = 0}};
    struct itimerval timer = {
        .it_value = {.tv_sec = limit_ms / 1000, .tv_usec = (limit_ms % 1000) * 1000}};
    /* fails only for values out of range or a bad address: neither can be */
    (void)setitimer(ITIMER_REAL, &timer, &before);
    uint32_t left = (uint32_t)(before.it_value.tv_sec * 1000 + before.it_value.tv_usec / 1000);
    bool was_set = before.it_value.tv_sec != 0 || before.it_value.tv_usec != 0;
    return left == 0 && was_set ? 1 : left; /* 0 would switch it off */
}

void vls_watchdog_end(void)
{
    (void)vls_watchdog_replace(0);
}
