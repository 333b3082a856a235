/* rows.cu - rows moved: inputs, states, what the head sees, parts of values. */

/* The batch's vectors into the window's rows, or (rows < 0) the compact ones.
 * a: width, b: plane. */
KERNEL
vectors_in(struct work w)
{
    float *const *at = planes_of(w);
    int i = thread_number(), r = i / w.a, f = r;

    if (!at || r >= launch_rows(w))
        return;
    if (w.rows < 0)
        f = w.list[w.now[NOW_PLACES] + r];
    at[w.b][i] = at[PLANE_VECTORS][((size_t)(f % w.B) * w.now[NOW_STEPS] +
                                    w.now[NOW_T0] + f / w.B) * w.a + i % w.a];
}

/* A state before the window's first step: what was carried (a: its plane, b:
 * floats before the state, c: floats of a row's states), else its learned
 * vector, or its number (d, a float).  code: the state, the vector. */
KERNEL
start_state(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *to = w.code, *learned = to + VALUE_WORDS;
    int i = thread_number(), size = (int)to[VALUE_SIZE], r = i / size;
    float x = __int_as_float(w.d);

    if (!at || r >= w.B)
        return;
    i %= size;
    if (!w.now[NOW_FRESH])
        x = at[w.a][(size_t)r * w.c + w.b + i];
    else if (learned[VALUE_PLANE] >= 0)
        x = value_at(w, at, learned, 0)[i];
    value_at(w, at, to, r)[i] = x;
}

/* And after each row's own last step, to plane a. */
KERNEL
end_state(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *from = w.code;
    int i = thread_number(), size = (int)from[VALUE_SIZE], r = i / size;

    if (!at || r >= w.B)
        return;
    i %= size;
    at[w.a][(size_t)r * w.c + w.b + i] =
        value_at(w, at, from, w.list[w.now[NOW_ENDS] + r] * w.B + r)[i];
}

/* +0 in a value's rows of this launch; a: only in padding at step b. */
KERNEL
clear(struct work w)
{
    float *const *at = planes_of(w);
    int i = thread_number(), size = (int)w.code[VALUE_SIZE], r = i / size;

    if (!at || r >= launch_rows(w))
        return;
    if (w.a && w.b < w.list[w.now[NOW_ENDS] + r])
        return;
    value_at(w, at, w.code, r)[i % size] = 0.0f;
}

/* Units of one value to units of another: a: to, b: from, c: how many. */
KERNEL
copy(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *to = w.code, *from = to + VALUE_WORDS;
    int i = thread_number(), r = i / w.c;

    if (at && r < launch_rows(w))
        value_at(w, at, to, r)[w.a + i % w.c] =
            value_at(w, at, from, r)[w.b + i % w.c];
}

/* Scored rows of a value to compact ones, and back. */
KERNEL
gather(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *to = w.code, *from = to + VALUE_WORDS;
    int i = thread_number(), size = (int)to[VALUE_SIZE], r = i / size;

    if (at && r < launch_rows(w))
        value_at(w, at, to, r)[i % size] =
            value_at(w, at, from, w.list[w.now[NOW_PLACES] + r])[i % size];
}

KERNEL
scatter(struct work w)
{
    float *const *at = planes_of(w);
    const int64_t *to = w.code, *from = to + VALUE_WORDS;
    int i = thread_number(), size = (int)from[VALUE_SIZE], r = i / size;

    if (at && r < launch_rows(w))
        value_at(w, at, to, w.list[w.now[NOW_PLACES] + r])[i % size] =
            value_at(w, at, from, r)[i % size];
}

/* +0 in a floats of plane b, from float c on, columns of d each (0: all). */
KERNEL
zero(struct work w)
{
    float *const *at = planes_of(w);
    int i = thread_number();

    if (at && i < w.a)
        at[w.b][w.c + i] = 0.0f;
}
