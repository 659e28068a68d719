// SPDX-License-Identifier: GPL-2.0-only
//
// Drives a fuzz target without libFuzzer: does each input once. Arguments are files and directories of inputs; libFuzzer's
// options (-runs=0) are accepted and mean nothing here.
#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

#include <dirent.h>
#include <unistd.h>

extern "C" int LLVMFuzzerInitialize(int* count, char*** arguments) __attribute__((weak));
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

// AddressSanitizer asks for this. The kernel has no heap, and the leak check needs ptrace, which containers refuse.
extern "C" const char* __asan_default_options();
extern "C" const char* __asan_default_options() { return "detect_leaks=0:abort_on_error=1"; }

namespace {

/// What the process works on, for whoever reads why it ended.
std::string& current_input() {
    static auto* const path = new std::string;
    return *path;
}

extern "C" void say_which_input(int signal) {
    const std::string& path = current_input();
    for (const std::string_view part : {std::string_view{"input: "}, std::string_view{path}, std::string_view{"\n"}}) {
        if (write(STDERR_FILENO, part.data(), part.size()) < 0) {
            break;
        }
    }
    std::signal(signal, SIG_DFL);
    std::raise(signal);
}

/// The path itself, or what the directory holds, in the order of names.
std::vector<std::string> files_at(const std::string& path) {
    DIR* const directory = opendir(path.c_str());
    if (directory == nullptr) {
        return {path};
    }
    std::vector<std::string> found;
    while (const dirent* const entry = readdir(directory)) {
        if (entry->d_name[0] != '.') {
            found.push_back(path + "/" + entry->d_name);
        }
    }
    closedir(directory);
    std::ranges::sort(found);
    return found;
}

bool run(const std::string& path) {
    std::FILE* const file = std::fopen(path.c_str(), "rb");
    if (file == nullptr) {
        std::fprintf(stderr, "%s cannot be read: %s\n", path.c_str(), std::strerror(errno));
        return false;
    }
    std::vector<std::uint8_t> bytes;
    std::uint8_t buffer[4096];
    for (std::size_t count = 0; (count = std::fread(buffer, 1, sizeof buffer, file)) != 0;) {
        bytes.insert(bytes.end(), buffer, buffer + count);
    }
    std::fclose(file);
    current_input() = path;
    LLVMFuzzerTestOneInput(bytes.data(), bytes.size());
    current_input().clear();
    return true;
}

}  // namespace

int main(int count, char** arguments) {
    std::signal(SIGABRT, say_which_input);
    if (LLVMFuzzerInitialize != nullptr) {
        LLVMFuzzerInitialize(&count, &arguments);
    }
    std::size_t done = 0;
    for (int index = 1; index < count; ++index) {
        if (arguments[index][0] == '-') {
            continue;
        }
        for (const std::string& path : files_at(arguments[index])) {
            if (!run(path)) {
                return 2;
            }
            ++done;
        }
    }
    std::fprintf(stderr, "%zu inputs\n", done);
    return 0;
}
