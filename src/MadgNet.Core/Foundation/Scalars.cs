using System.Collections.Concurrent;
using TorchSharp;

namespace MadgNet.Core.Foundation;

/// <summary>
/// Constants for tensor arithmetic, made once and kept.
/// </summary>
/// <remarks>
/// TorchSharp's implicit conversions make a <see cref="Scalar"/> that nothing holds on to once its handle is read, so that
/// its finalizer can free it while the native call reads it: a wrong type or value under memory pressure. They are banned
/// in this library. A value that changes from call to call is held by the caller instead:
/// <c>using Scalar rate = value.ToScalar();</c>.
/// </remarks>
internal static class Scalars
{
    private static readonly ConcurrentDictionary<double, Scalar> Reals = new();
    private static readonly ConcurrentDictionary<long, Scalar> Integers = new();

    /// <summary>A floating-point constant.</summary>
    public static Scalar Of(double value) => Reals.GetOrAdd(value, static real => real.ToScalar());

    /// <summary>An integer constant.</summary>
    public static Scalar Of(long value) => Integers.GetOrAdd(value, static integer => integer.ToScalar());
}
