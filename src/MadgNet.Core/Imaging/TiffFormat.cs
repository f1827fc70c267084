using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>What the tags of a TIFF page say about its pixels, checked before anything is allocated for them.</summary>
internal sealed class TiffFormat
{
    private TiffFormat(Tiff tiff)
    {
        Width = Field(tiff, TiffTag.IMAGEWIDTH, 0);
        Height = Field(tiff, TiffTag.IMAGELENGTH, 0);
        Bits = Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        Samples = Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        Compression = (Compression)Field(tiff, TiffTag.COMPRESSION, (int)Compression.NONE);
        Photometric = (Photometric)Field(tiff, TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
        Orientation = Field(tiff, TiffTag.ORIENTATION, 1);
        Separate = Samples > 1 && Field(tiff, TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == (int)PlanarConfig.SEPARATE;
        Stored = (SampleFormat)Field(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
        Signed = Stored == SampleFormat.INT && Bits == 16;
        Real = (Stored == SampleFormat.IEEEFP && (Bits is 16 or 32 or 64))
            || (Stored is SampleFormat.UINT or SampleFormat.INT or SampleFormat.VOID && Bits == 32)
            || (Stored == SampleFormat.INT && Bits == 8);
        ReversedBits = Field(tiff, TiffTag.FILLORDER, (int)FillOrder.MSB2LSB) == (int)FillOrder.LSB2MSB;
    }

    /// <summary>How the samples of a pixel become its colour.</summary>
    public enum Meaning
    {
        Gray,
        Rgb,
        Palette,
        Cmyk,

        /// <summary>LibTiff converts whole blocks to RGB: YCbCr without JPEG, old JPEG, CIE Lab.</summary>
        Converted,
    }

    /// <summary>Columns as stored, before the orientation is applied.</summary>
    public int Width { get; }

    /// <summary>Rows as stored.</summary>
    public int Height { get; }

    public int Bits { get; }

    public int Samples { get; }

    public Compression Compression { get; }

    public Photometric Photometric { get; }

    public int Orientation { get; }

    public bool Separate { get; }

    public bool Signed { get; }

    /// <summary>Whether the samples are numbers that do not fit a <see cref="PixelImage"/> as they are.</summary>
    public bool Real { get; }

    public SampleFormat Stored { get; }

    /// <summary>Whether the bits of every byte stand in reverse order (FillOrder 2).</summary>
    public bool ReversedBits { get; }

    public Meaning Colors { get; private set; }

    /// <summary>How many of a pixel's samples are read, from the first on: 1, 3 or 4.</summary>
    public int Taken { get; private set; }

    /// <summary>Whether the colours were multiplied by the alpha that follows them.</summary>
    public bool Premultiplied { get; private set; }

    public bool Inverted => Photometric == Photometric.MINISWHITE;

    /// <summary>The colours of a palette, 256 or 65536 of three bytes each; empty for other images.</summary>
    public byte[] Palette { get; private set; } = [];

    /// <summary>Reads the tags of the page that is open.</summary>
    /// <exception cref="ImageReadException">The page is of a kind that is not read.</exception>
    public static TiffFormat Of(Tiff tiff, TiffInput source, string name)
    {
        var format = new TiffFormat(tiff);
        TiffCompression.Refuse(name, format.Compression, tiff);
        if (source.Failed)
        {
            throw ImageReader.Damaged(name, $"a TIFF whose tags cannot be read ({source.Message})");
        }

        if (format.Width < 1 || format.Height < 1)
        {
            throw new ImageReadException(
                name,
                $"a header that claims {format.Width}×{format.Height} pixels",
                "a positive size",
                "Restore the file from its source");
        }

        format.Understand(tiff, name);
        return format;
    }

    /// <summary>Whether the file is too short for that many pixels, however well they are compressed.</summary>
    public bool IsTooShort(long fileLength, long pixels)
    {
        // Colour may be stored at a fraction of the resolution: only one sample is certain to be there.
        int samples = Colors == Meaning.Converted || Photometric == Photometric.YCBCR ? 1 : Samples;
        double needed = pixels * (double)samples * Bits / 8;
        return needed > (fileLength * (double)TiffCompression.LargestExpansion(Compression)) + TiffCompression.Slack(Compression);
    }

    internal static int Field(Tiff tiff, TiffTag tag, int absent)
    {
        FieldValue[]? field = tiff.GetField(tag);
        return field is { Length: > 0 } ? field[0].ToInt() : absent;
    }

    private void Understand(Tiff tiff, string name)
    {
        bool jpegColors = Photometric == Photometric.YCBCR && Compression == Compression.JPEG && !Separate && Bits == 8 && Samples == 3
            && tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
        bool integers = Stored is SampleFormat.UINT or SampleFormat.VOID || Signed;
        switch (Photometric)
        {
            case Photometric.MINISBLACK or Photometric.MINISWHITE when Samples is >= 1 and <= 4:
                // Three and more samples without a colour space are channels that someone wrote without a name.
                (Colors, Taken) = (Meaning.Gray, Samples == 2 ? 1 : Samples);
                break;
            case Photometric.RGB when Samples >= 3:
                (Colors, Taken) = (Meaning.Rgb, Samples >= 4 && HasAlpha(tiff) ? 4 : 3);
                Premultiplied = Taken == 4 && Extra(tiff) == ExtraSample.ASSOCALPHA;
                break;
            case Photometric.YCBCR when jpegColors:
                (Colors, Taken) = (Meaning.Rgb, 3);
                break;
            case Photometric.PALETTE when Samples is 1 or 2:
                (Colors, Taken) = (Meaning.Palette, 1);
                break;
            case Photometric.SEPARATED when Samples >= 4 && IsCmyk(tiff):
                (Colors, Taken) = (Meaning.Cmyk, 4);
                break;
            case Photometric.YCBCR or Photometric.CIELAB when Bits == 8 && tiff.RGBAImageOK(out _):
                (Colors, Taken) = (Meaning.Converted, 3);
                break;
            default:
                throw Unread(name);
        }

        bool plain = Colors is Meaning.Gray or Meaning.Rgb;
        if (Real && Colors == Meaning.Rgb)
        {
            // An alpha of real numbers has no range that all programs agree on.
            (Taken, Premultiplied) = (3, false);
        }

        if (Samples > 64 || (Real ? !plain || Inverted || Taken > 3 : Bits is < 1 or > 16 || !integers || (Signed && !plain)))
        {
            throw Unread(name);
        }

        if (Colors == Meaning.Palette)
        {
            Palette = ReadPalette(tiff, name);
        }
    }

    private ImageReadException Unread(string name) => new(
        name,
        $"a TIFF of {Samples} samples of {Bits} bits, {Stored}, {Photometric}",
        "grey, RGB, CMYK, YCbCr, CIE Lab or a palette, with unsigned integers of at most 16 bits; grey or RGB with signed integers "
            + "of 8 or 16, integers of 32, or real numbers of 16, 32 or 64",
        "Convert the file, for example to a 16-bit grey TIFF");

    /// <summary>A fourth sample is alpha unless the file says that it is something else.</summary>
    private static bool HasAlpha(Tiff tiff) => Extra(tiff) is null or ExtraSample.ASSOCALPHA or ExtraSample.UNASSALPHA;

    private static ExtraSample? Extra(Tiff tiff)
    {
        FieldValue[]? field = tiff.GetField(TiffTag.EXTRASAMPLES);
        if (field is not { Length: >= 2 } || field[0].ToInt() < 1)
        {
            return null;
        }

        return field[1].Value switch
        {
            ExtraSample[] { Length: > 0 } kinds => kinds[0],
            _ => field[1].ToShortArray() is { Length: > 0 } numbers ? (ExtraSample)numbers[0] : null,
        };
    }

    private static bool IsCmyk(Tiff tiff) => Field(tiff, TiffTag.INKSET, (int)InkSet.CMYK) == (int)InkSet.CMYK;

    private byte[] ReadPalette(Tiff tiff, string name)
    {
        FieldValue[]? map = tiff.GetField(TiffTag.COLORMAP);
        if (map is not { Length: >= 3 })
        {
            throw ImageReader.Damaged(name, "a palette TIFF without its palette");
        }

        ushort[][] colors = [.. map.Take(3).Select(value => Array.ConvertAll(value.ToShortArray() ?? [], number => (ushort)number))];
        int count = 1 << Bits;
        if (Array.Exists(colors, color => color.Length < count))
        {
            throw ImageReader.Damaged(name, "a palette TIFF whose palette is too short");
        }

        // The standard's components have 16 bits; old programs wrote 8 into them.
        int shift = Array.Exists(colors, color => Array.Exists(color, value => value > byte.MaxValue)) ? 8 : 0;
        var palette = new byte[count * 3];
        for (int i = 0; i < palette.Length; i++)
        {
            palette[i] = (byte)(colors[i % 3][i / 3] >> shift);
        }

        return palette;
    }
}
