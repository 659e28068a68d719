/* SPDX-License-Identifier: BSD-2-Clause */
#include <antimono/print.h>

#include <stdbool.h>
#include <stdint.h>

/// One conversion specification while it is carried out.
typedef struct {
    bool left;       // `-`
    bool plus;       // `+`
    bool space;      // ` `
    bool alternate;  // `#`
    bool zero;       // `0`
    int width;       // minimum field width
    int precision;   // -1: none given
} Specification;

typedef struct {
    RtPutCharacter put;
    void* context;
    int count;
} Output;

static void put(Output* out, char character) {
    out->put(out->context, character);
    out->count++;
}

static void repeat(Output* out, char character, int times) {
    for (int i = 0; i < times; i++) {
        put(out, character);
    }
}

static int length_of(const char* string) {
    int length = 0;
    while (string[length] != '\0') {
        length++;
    }
    return length;
}

/// Writes prefix, zeros and body as one field.
static void put_field(Output* out, const Specification* spec, const char* prefix, int zeros, const char* body,
                      int body_length) {
    int padding = spec->width - length_of(prefix) - zeros - body_length;
    if (!spec->left) {
        repeat(out, ' ', padding);
    }
    while (*prefix != '\0') {
        put(out, *prefix++);
    }
    repeat(out, '0', zeros);
    for (int i = 0; i < body_length; i++) {
        put(out, body[i]);
    }
    if (spec->left) {
        repeat(out, ' ', padding);
    }
}

/// `prefix` is a sign or a base; it counts towards the width.
static void put_number(Output* out, const Specification* spec, uint64_t magnitude, unsigned base, bool capitals,
                       const char* prefix) {
    const char* digits = capitals ? "0123456789ABCDEF" : "0123456789abcdef";
    char buffer[22];  // 2^64 - 1 has 22 octal digits
    int first = (int)sizeof buffer;
    for (uint64_t rest = magnitude; rest != 0; rest /= base) {
        buffer[--first] = digits[rest % base];
    }
    int length = (int)sizeof buffer - first;
    int minimum = spec->precision >= 0 ? spec->precision : 1;
    if (base == 8 && spec->alternate && minimum <= length) {
        minimum = length + 1;  // `#o` makes the first digit a zero
    }
    int zeros = minimum > length ? minimum - length : 0;
    if (spec->zero && !spec->left && spec->precision < 0) {
        int filling = spec->width - length_of(prefix) - length;
        zeros = filling > zeros ? filling : zeros;
    }
    put_field(out, spec, prefix, zeros, buffer + first, length);
}

static void put_signed(Output* out, const Specification* spec, int64_t value) {
    const char* sign = value < 0 ? "-" : spec->plus ? "+" : spec->space ? " " : "";
    // Negating as unsigned is defined for the most negative value too.
    uint64_t magnitude = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    put_number(out, spec, magnitude, 10, false, sign);
}

static void put_unsigned(Output* out, const Specification* spec, uint64_t value, char conversion) {
    switch (conversion) {
    case 'x':
        put_number(out, spec, value, 16, false, spec->alternate && value != 0 ? "0x" : "");
        break;
    case 'X':
        put_number(out, spec, value, 16, true, spec->alternate && value != 0 ? "0X" : "");
        break;
    case 'o':
        put_number(out, spec, value, 8, false, "");
        break;
    default:
        put_number(out, spec, value, 10, false, "");
        break;
    }
}

static void put_string(Output* out, const Specification* spec, const char* string) {
    if (string == NULL) {
        string = "(null)";
    }
    int length = 0;
    while ((spec->precision < 0 || length < spec->precision) && string[length] != '\0') {
        length++;
    }
    put_field(out, spec, "", 0, string, length);
}

static void parse_flags(const char** format, Specification* spec) {
    for (;; (*format)++) {
        switch (**format) {
        case '-':
            spec->left = true;
            break;
        case '+':
            spec->plus = true;
            break;
        case ' ':
            spec->space = true;
            break;
        case '#':
            spec->alternate = true;
            break;
        case '0':
            spec->zero = true;
            break;
        default:
            return;
        }
    }
}

static int parse_decimal(const char** format) {
    int value = 0;
    while (**format >= '0' && **format <= '9') {
        value = value * 10 + (**format - '0');
        (*format)++;
    }
    return value;
}

/// The length modifier as the number of bytes of the argument.
static int parse_length(const char** format) {
    switch (**format) {
    case 'h':
        (*format)++;
        if (**format == 'h') {
            (*format)++;
            return 1;
        }
        return 2;
    case 'l':
        (*format)++;
        if (**format == 'l') {
            (*format)++;
        }
        return 8;
    case 'z':
    case 'j':
    case 't':
        (*format)++;
        return 8;
    default:
        return 4;
    }
}

int rt_vformat(RtPutCharacter put_character, void* context, const char* format, va_list arguments) {
    Output out = {put_character, context, 0};
    while (*format != '\0') {
        if (*format != '%') {
            put(&out, *format++);
            continue;
        }
        const char* start = format++;
        Specification spec = {.precision = -1};
        parse_flags(&format, &spec);
        if (*format == '*') {
            format++;
            spec.width = va_arg(arguments, int);
            if (spec.width < 0) {
                spec.left = true;
                spec.width = -spec.width;
            }
        } else {
            spec.width = parse_decimal(&format);
        }
        if (*format == '.') {
            format++;
            if (*format == '*') {
                format++;
                spec.precision = va_arg(arguments, int);
            } else {
                spec.precision = parse_decimal(&format);
            }
        }
        int size = parse_length(&format);
        char conversion = *format;
        switch (conversion) {
        case 'd':
        case 'i': {
            int64_t value = size == 8 ? va_arg(arguments, int64_t) : va_arg(arguments, int);
            put_signed(&out, &spec, size == 1 ? (signed char)value : size == 2 ? (short)value : value);
            break;
        }
        case 'u':
        case 'x':
        case 'X':
        case 'o': {
            uint64_t value = size == 8 ? va_arg(arguments, uint64_t) : va_arg(arguments, unsigned);
            value = size == 1 ? (unsigned char)value : size == 2 ? (unsigned short)value : value;
            put_unsigned(&out, &spec, value, conversion);
            break;
        }
        case 'p':
            // As `%#lx`, but the null pointer has its prefix too.
            put_number(&out, &spec, (uint64_t)(uintptr_t)va_arg(arguments, void*), 16, false, "0x");
            break;
        case 'c': {
            char character = (char)va_arg(arguments, int);
            put_field(&out, &spec, "", 0, &character, 1);
            break;
        }
        case 's':
            put_string(&out, &spec, va_arg(arguments, const char*));
            break;
        case '%':
            put(&out, '%');
            break;
        default:
            // An unknown conversion is shown as it stands, so that the mistake is visible.
            while (start < format) {
                put(&out, *start++);
            }
            if (conversion == '\0') {
                return out.count;
            }
            put(&out, conversion);
            break;
        }
        format++;
    }
    return out.count;
}

typedef struct {
    char* buffer;
    size_t size;
    size_t length;
} Bounded;

static void put_bounded(void* context, char character) {
    Bounded* to = context;
    if (to->length + 1 < to->size) {
        to->buffer[to->length] = character;
    }
    to->length++;
}

int rt_vsnprintf(char* buffer, size_t size, const char* format, va_list arguments) {
    Bounded to = {buffer, size, 0};
    int length = rt_vformat(put_bounded, &to, format, arguments);
    if (size != 0) {
        buffer[to.length < size ? to.length : size - 1] = '\0';
    }
    return length;
}

int rt_snprintf(char* buffer, size_t size, const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = rt_vsnprintf(buffer, size, format, arguments);
    va_end(arguments);
    return length;
}

static void put_console(void* context, char character) {
    (void)context;
    rt_put_character(character);
}

int rt_printf(const char* format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int length = rt_vformat(put_console, NULL, format, arguments);
    va_end(arguments);
    return length;
}
