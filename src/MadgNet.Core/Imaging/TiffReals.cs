using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// The pixels of a TIFF whose samples do not fit a <see cref="PixelImage"/> as they are: real numbers, integers of 32 bits, signed
/// ones of 8. Which samples they become follows from all values of the page, so that every window of it is the same.
/// </summary>
/// <remarks>
/// Whole numbers of 0 to 255 become 8 bits, whole numbers of 16 bits (unsigned or signed) stay what they are, numbers from 0 to 1 are
/// spread over 16 bits of that range, as in an array; all others are spread over 16 bits from the smallest to the largest, with a scale
/// and an offset that give them back.
/// </remarks>
internal sealed class TiffReals
{
    /// <summary>How many samples are held as numbers at once.</summary>
    private const int BandSamples = 1 << 20;

    private readonly TiffFormat _format;
    private readonly TiffBlocks _blocks;
    private readonly Func<long, double> _meaning;
    private readonly int _offset;
    private readonly double _scale = 1;

    /// <summary>Looks at all values of the page, but for those of a kind whose range is known.</summary>
    /// <exception cref="ImageReadException">A value is no number, or none that is read.</exception>
    public TiffReals(string name, TiffFormat format, TiffBlocks blocks)
    {
        (_format, _blocks, _meaning) = (format, blocks, Meaning(format));
        BitDepth = 16;
        if (format.Bits == 8)
        {
            // −128 … 127 over the whole range, as signed integers of 16 bits are.
            (_offset, _scale) = (sbyte.MinValue, 1.0 / 257);
            return;
        }

        (double low, double high, bool whole) = Range(name);
        if (whole && low >= 0 && high <= byte.MaxValue)
        {
            BitDepth = 8;
        }
        else if (whole && low >= short.MinValue && high <= (low < 0 ? short.MaxValue : ushort.MaxValue))
        {
            _offset = low < 0 ? short.MinValue : 0;
        }
        else if (low >= 0 && high <= 1)
        {
            _scale = 1.0 / ushort.MaxValue;
        }
        else if (low < int.MinValue / 2 || high > int.MaxValue / 2)
        {
            throw new ImageReadException(
                name,
                FormattableString.Invariant($"a TIFF of values from {low} to {high}"),
                "values within ±1,073,741,823",
                "Scale the values first");
        }
        else
        {
            _offset = (int)Math.Floor(low);
            _scale = Math.Max((high - _offset) / ushort.MaxValue, double.Epsilon * (1L << 52));
        }
    }

    /// <summary>8 or 16.</summary>
    public int BitDepth { get; }

    /// <summary>A window in the rows and columns of the file.</summary>
    public PixelImage Read(int left, int top, int width, int height)
    {
        long count = (long)width * height * _format.Taken;
        byte[] bytes = BitDepth == 8 ? new byte[count] : [];
        ushort[] words = BitDepth == 16 ? new ushort[count] : [];
        long done = 0;
        ForEachBand(left, top, width, height, values =>
        {
            foreach (double value in values)
            {
                double sample = Math.Round((value - _offset) / _scale);
                if (BitDepth == 8)
                {
                    bytes[done++] = (byte)sample;
                }
                else
                {
                    words[done++] = (ushort)Math.Clamp(sample, 0, ushort.MaxValue);
                }
            }
        });
        return BitDepth == 8
            ? new PixelImage(width, height, _format.Taken, bytes)
            : new PixelImage(width, height, _format.Taken, words, _offset) { Scale = _scale };
    }

    private (double Low, double High, bool Whole) Range(string name)
    {
        (double low, double high, bool whole) = (double.PositiveInfinity, double.NegativeInfinity, true);
        ForEachBand(0, 0, _format.Width, _format.Height, values =>
        {
            foreach (double value in values)
            {
                if (!double.IsFinite(value))
                {
                    throw new ImageReadException(
                        name,
                        FormattableString.Invariant($"a TIFF with the value {value}"),
                        "finite numbers",
                        "Replace what is no number first, for example by the value of the background");
                }

                (low, high) = (Math.Min(low, value), Math.Max(high, value));
                whole &= value == Math.Round(value);
            }
        });
        return (low, high, whole);
    }

    private void ForEachBand(int left, int top, int width, int height, BandReader read)
    {
        int rows = Math.Clamp(BandSamples / Math.Max(1, width * _format.Taken), 1, height);
        var band = new double[(long)rows * width * _format.Taken];
        for (int y = 0; y < height; y += rows)
        {
            int count = Math.Min(rows, height - y);
            _blocks.Fill(band, left, top + y, width, count, _meaning);
            read(band.AsSpan(0, count * width * _format.Taken));
        }
    }

    private static Func<long, double> Meaning(TiffFormat format) => (format.Stored, format.Bits) switch
    {
        (SampleFormat.IEEEFP, 16) => bits => (double)BitConverter.UInt16BitsToHalf((ushort)bits),
        (SampleFormat.IEEEFP, 32) => bits => BitConverter.UInt32BitsToSingle((uint)bits),
        (SampleFormat.IEEEFP, _) => BitConverter.Int64BitsToDouble,
        (SampleFormat.INT, 8) => bits => (sbyte)bits,
        (SampleFormat.INT, _) => bits => (int)bits,
        _ => bits => bits,
    };

    private delegate void BandReader(ReadOnlySpan<double> values);
}
