using System.Runtime.InteropServices;
using System.Text.Json;

namespace MadgNet.Core.Metrics;

/// <summary>
/// How far the probabilities of foreground are from its frequency, over every pixel. Tables of several cases can be added; the
/// errors of the sum are those of all their pixels.
/// </summary>
public sealed class CalibrationTable
{
    private readonly long[] _pixels;
    private readonly long[] _foreground;
    private readonly Int128[] _probabilities;
    private readonly Int128 _squares;

    private CalibrationTable(long[] pixels, long[] foreground, Int128[] probabilities, Int128 squares)
    {
        _pixels = pixels;
        _foreground = foreground;
        _probabilities = probabilities;
        _squares = squares;
    }

    /// <summary>Number of bins of equal width from 0 to 1.</summary>
    public int Bins => _pixels.Length;

    /// <summary>Brier score: the mean of <c>(P − G)²</c> (Brier, Monthly Weather Review 78, 1950).</summary>
    public double BrierScore => ExactSum.ToDouble(_squares) / _pixels.Sum();

    /// <summary>
    /// Expected calibration error of the probability of foreground: the mean over the pixels of
    /// <c>|mean probability − share of foreground|</c> of the pixel's bin (Naeini, Cooper, Hauskrecht, AAAI 2015). A pixel of
    /// probability p is in bin ⌊p · bins⌋, 1 in the last one.
    /// </summary>
    public double ExpectedCalibrationError
    {
        get
        {
            double sum = 0;
            for (int bin = 0; bin < Bins; bin++)
            {
                sum += Math.Abs(ExactSum.ToDouble(_probabilities[bin]) - _foreground[bin]);
            }

            return sum / _pixels.Sum();
        }
    }

    /// <summary>A bin of the reliability diagram.</summary>
    /// <param name="bin">The bin, from 0.</param>
    /// <returns>Its number of pixels, their mean probability and their share of foreground; NaN for both in an empty
    /// bin.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such bin.</exception>
    public (long Pixels, double MeanProbability, double ForegroundShare) Bin(int bin)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bin);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(bin, Bins);
        long pixels = _pixels[bin];
        return (pixels, ExactSum.ToDouble(_probabilities[bin]) / pixels, (double)_foreground[bin] / pixels);
    }

    /// <summary>Writes the table exactly.</summary>
    internal void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        WriteCounts(json, "pixels", _pixels);
        WriteCounts(json, "foreground", _foreground);
        json.WritePropertyName("probabilities");
        ExactSum.Write(json, _probabilities);
        json.WritePropertyName("squares");
        ExactSum.Write(json, [_squares]);
        json.WriteEndObject();
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    internal static CalibrationTable Read(JsonElement json) => new(
        ReadCounts(json.GetProperty("pixels")),
        ReadCounts(json.GetProperty("foreground")),
        ExactSum.Read(json.GetProperty("probabilities")),
        ExactSum.Read(json.GetProperty("squares")).Single());

    private static void WriteCounts(Utf8JsonWriter json, string name, long[] counts)
    {
        json.WriteStartArray(name);
        Array.ForEach(counts, json.WriteNumberValue);
        json.WriteEndArray();
    }

    private static long[] ReadCounts(JsonElement json) => [.. json.EnumerateArray().Select(count => count.GetInt64())];

    /// <summary>Adds two tables.</summary>
    /// <param name="left">One table.</param>
    /// <param name="right">The other, of as many bins.</param>
    /// <returns>The table of all pixels of both, the same whatever the order of additions.</returns>
    /// <exception cref="ArgumentException">The tables differ in their number of bins.</exception>
    public static CalibrationTable operator +(CalibrationTable left, CalibrationTable right)
    {
        ArgumentNullException.ThrowIfNull(left);
        ArgumentNullException.ThrowIfNull(right);
        if (left.Bins != right.Bins)
        {
            throw new ArgumentException(
                $"Calibration tables: received {left.Bins} and {right.Bins} bins; expected the same number. Compute both with the same "
                    + $"number of bins.",
                nameof(right));
        }

        return new CalibrationTable(
            [.. left._pixels.Zip(right._pixels, (a, b) => a + b)],
            [.. left._foreground.Zip(right._foreground, (a, b) => a + b)],
            [.. left._probabilities.Zip(right._probabilities, (a, b) => a + b)],
            left._squares + right._squares);
    }

    /// <summary>Tabulates a prediction.</summary>
    /// <param name="prediction">H×W probabilities, 0..1.</param>
    /// <param name="truth">H×W truth.</param>
    /// <param name="height">Rows of both, at least 1.</param>
    /// <param name="width">Columns of both, at least 1.</param>
    /// <param name="bins">Number of bins, at least 1.</param>
    /// <returns>The table.</returns>
    /// <exception cref="InvalidMapException">The sizes differ, or a probability is NaN or outside of 0..1.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer bins than 1.</exception>
    public static CalibrationTable Compute(
        ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int height, int width, int bins = 15)
    {
        MapCheck.Pair(prediction, truth, height, width);
        if (bins < 1)
        {
            throw new ArgumentOutOfRangeException(nameof(bins), $"bins: received {bins}; expected at least 1. Use 15 as most papers do.");
        }

        return Compute(prediction, truth, bins);
    }

    internal static CalibrationTable Compute(ReadOnlySpan<float> prediction, ReadOnlySpan<bool> truth, int bins)
    {
        ReadOnlySpan<byte> marks = MemoryMarshal.AsBytes(truth);
        var pixels = new long[bins];
        var foreground = new long[bins];
        var probabilities = new double[bins];
        double squares = 0;
        for (int i = 0; i < prediction.Length; i++)
        {
            double probability = prediction[i];
            int mark = marks[i] != 0 ? 1 : 0;
            int bin = Math.Min((int)(probability * bins), bins - 1);
            pixels[bin]++;
            foreground[bin] += mark;
            probabilities[bin] += probability;
            squares += (probability - mark) * (probability - mark);
        }

        return new CalibrationTable(pixels, foreground, [.. probabilities.Select(ExactSum.FromDouble)], ExactSum.FromDouble(squares));
    }
}
