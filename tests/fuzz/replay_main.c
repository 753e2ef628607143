/*
 * replay_main - runs a fuzz target over files, without a fuzzer: the regression test that every
 * compiler can build.
 *
 *     fuzz_note tests/fuzz/corpus/note [...]
 *
 * An argument is a file or a directory of files. Each file is run as it is, then some of its
 * prefixes: a parser that reads behind its input is found so under the address sanitizer, as every
 * input is a block of exactly its size.
 */
#include <dirent.h>
#include <stdio.h>
#include <sys/stat.h>

#include "base/bytes.h"
#include "base/file.h"
#include "base/limits.h"
#include "base/mem.h"

#define MAX_INPUT_BYTES (4u << 20)
#define MAX_PREFIXES    64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_count;

static void run_exactly(struct vls_slice input)
{
    uint8_t *block = vls_mem_resize(NULL, input.len);
    if (block == NULL)
        return;
    vls_copy(block, input.at, input.len);
    LLVMFuzzerTestOneInput(block, input.len);
    vls_mem_free(block);
    run_count++;
}

static bool run_file(const char *path)
{
    struct vls_why why;
    VLS_DEFER(vls_buf_fini) struct vls_buf input;
    vls_buf_init(&input, MAX_INPUT_BYTES);
    if (!vls_ok(vls_file_read(path, &input, &why))) {
        fprintf(stderr, "%s\n", why.text);
        return false;
    }
    size_t step = input.len / MAX_PREFIXES + 1;
    run_exactly(vls_buf_slice(&input));
    for (size_t len = 0; len < input.len; len += step)
        run_exactly(VLS_SLICE(input.at, len));
    return true;
}

static bool run_directory(const char *path)
{
    DIR *dir = opendir(path);
    bool is_good = dir != NULL;
    for (struct dirent *entry; is_good && (entry = readdir(dir)) != NULL;) {
        char file[VLS_MAX_PATH];
        if (entry->d_name[0] != '.')
            is_good =
                vls_ok(vls_path_join(path, entry->d_name, file, sizeof file)) && run_file(file);
    }
    if (dir != NULL)
        closedir(dir);
    return is_good;
}

int main(int argc, char **argv)
{
    bool is_good = argc > 1;
    for (int i = 1; i < argc; i++) {
        struct stat st;
        if (stat(argv[i], &st) != 0)
            is_good = false;
        else
            is_good = (S_ISDIR(st.st_mode) ? run_directory(argv[i]) : run_file(argv[i])) && is_good;
    }
    printf("%d inputs\n", run_count);
    return is_good && run_count > 0 ? 0 : 1; /* a regression test without inputs tests nothing */
}
