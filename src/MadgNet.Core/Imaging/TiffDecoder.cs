using BitMiracle.LibTiff.Classic;

namespace MadgNet.Core.Imaging;

/// <summary>
/// Decodes one page of a TIFF: 1, 8 and 16 bit, grey, RGB, with alpha, palette, in strips or tiles, of every compression
/// that LibTiff knows.
/// </summary>
internal static class TiffDecoder
{
    public static bool Recognizes(ReadOnlySpan<byte> content) =>
        content.StartsWith("II*\0"u8) || content.StartsWith("MM\0*"u8) || content.StartsWith("II+\0"u8) || content.StartsWith("MM\0+"u8);

    public static PixelImage Decode(byte[] content, string name, ImageReadOptions options)
    {
        TiffMessages.Install();
        var source = new Source(content);
        try
        {
            using Tiff? tiff = Tiff.ClientOpen(name, "r", source, source);
            if (tiff is null)
            {
                throw ImageReader.Damaged(name, $"a TIFF that cannot be opened ({source.Message})");
            }

            ArgumentOutOfRangeException.ThrowIfNegative(options.Page);
            int pages = tiff.NumberOfDirectories();
            if (options.Page >= pages || !tiff.SetDirectory((short)options.Page))
            {
                throw new ImageReadException(
                    name, $"page {options.Page} of a TIFF of {pages} pages", $"0 … {pages - 1}", "Choose an existing page");
            }

            return DecodePage(tiff, source, name, options);
        }
        catch (Exception error) when (IsContradiction(error))
        {
            // LibTiff answers contradicting tags with whatever its arithmetic runs into.
            throw ImageReader.Damaged(name, $"a TIFF whose content contradicts itself ({error.Message})", error);
        }
    }

    /// <summary>Whether an exception is one of those that LibTiff's arithmetic runs into when a file contradicts itself.</summary>
    internal static bool IsContradiction(Exception error) =>
        error is IndexOutOfRangeException or ArgumentException or NullReferenceException
        or FormatException or OverflowException or DivideByZeroException or InvalidCastException or IOException or NotSupportedException
        or InvalidOperationException or OutOfMemoryException;

    private static PixelImage DecodePage(Tiff tiff, Source source, string name, ImageReadOptions options)
    {
        int width = Field(tiff, TiffTag.IMAGEWIDTH, 0);
        int height = Field(tiff, TiffTag.IMAGELENGTH, 0);
        ImageReader.CheckSize(name, width, height, options);
        int bits = Field(tiff, TiffTag.BITSPERSAMPLE, 1);
        int samples = Field(tiff, TiffTag.SAMPLESPERPIXEL, 1);
        var format = (SampleFormat)Field(tiff, TiffTag.SAMPLEFORMAT, (int)SampleFormat.UINT);
        var photometric = (Photometric)Field(tiff, TiffTag.PHOTOMETRIC, (int)Photometric.MINISBLACK);
        int orientation = Field(tiff, TiffTag.ORIENTATION, 1);
        bool plain = photometric is Photometric.MINISBLACK or Photometric.MINISWHITE or Photometric.RGB
            || (photometric == Photometric.PALETTE && samples == 1);
        if (!plain && bits == 8)
        {
            return Orientation.Apply(DecodeThroughRgba(tiff, source, name, width, height), orientation);
        }

        bool signed = format == SampleFormat.INT && bits == 16;
        if (!plain
            || bits is not (1 or 2 or 4 or 8 or 16)
            || samples is < 1 or > 4
            || (format is not (SampleFormat.UINT or SampleFormat.VOID) && !signed))
        {
            throw new ImageReadException(
                name, $"a TIFF of {samples} samples of {bits} bits, {format}, {photometric}", "grey, RGB or palette with integers of at "
                    + "most 16 bits", "Convert the file, for example to a 16-bit grey TIFF");
        }

        byte[] raw = DecodeSamples(tiff, source, name, width, height, bits, samples);
        return Orientation.Apply(Assemble(tiff, raw, name, options, (width, height, bits, samples), photometric, signed), orientation);
    }

    private static PixelImage Assemble(
        Tiff tiff,
        byte[] raw,
        string name,
        ImageReadOptions options,
        (int Width, int Height, int Bits, int Samples) size,
        Photometric photometric,
        bool signed)
    {
        (int width, int height, int bits, int samples) = size;
        int count = width * height;
        bool inverted = photometric == Photometric.MINISWHITE;
        int channels = samples == 2 ? 1 : samples;
        if (bits == 16)
        {
            var words = new ushort[count * channels];
            for (int i = 0; i < count; i++)
            {
                for (int c = 0; c < channels; c++)
                {
                    // LibTiff has already brought the samples into the machine's byte order.
                    ushort value = BitConverter.ToUInt16(raw, ((i * samples) + c) * 2);
                    value = signed ? (ushort)(value ^ 0x8000) : value;
                    words[(i * channels) + c] = inverted ? (ushort)(ushort.MaxValue - value) : value;
                }
            }

            return new PixelImage(width, height, channels, words, signed ? short.MinValue : 0);
        }

        if (photometric == Photometric.PALETTE)
        {
            return options.PaletteIndices
                ? new PixelImage(width, height, 1, raw)
                : new PixelImage(width, height, 3, LookUp(tiff, raw, name, bits));
        }

        int scale = 255 / ((1 << bits) - 1);
        byte[] bytes = samples == channels && scale == 1 ? raw : new byte[count * channels];
        for (int i = 0; i < count; i++)
        {
            for (int c = 0; c < channels; c++)
            {
                int value = raw[(i * samples) + c] * scale;
                bytes[(i * channels) + c] = (byte)(inverted ? 255 - value : value);
            }
        }

        return new PixelImage(width, height, channels, bytes);
    }

    private static byte[] LookUp(Tiff tiff, byte[] indices, string name, int bits)
    {
        FieldValue[]? map = tiff.GetField(TiffTag.COLORMAP);
        if (map is not { Length: >= 3 })
        {
            throw ImageReader.Damaged(name, "a palette TIFF without its palette");
        }

        short[][] colors = [.. map.Take(3).Select(value => value.ToShortArray())];
        if (colors.Any(color => color.Length < 1 << bits))
        {
            throw ImageReader.Damaged(name, "a palette TIFF whose palette is too short");
        }

        var result = new byte[indices.Length * 3];
        for (int i = 0; i < indices.Length; i++)
        {
            for (int c = 0; c < 3; c++)
            {
                result[(i * 3) + c] = (byte)((ushort)colors[c][indices[i]] >> 8);
            }
        }

        return result;
    }

    /// <summary>All samples of the page, interleaved: 16-bit ones in two bytes, all others in one byte each.</summary>
    private static byte[] DecodeSamples(Tiff tiff, Source source, string name, int width, int height, int bits, int samples)
    {
        int bytesPerSample = bits == 16 ? 2 : 1;
        long length = (long)width * height * samples * bytesPerSample;
        if (length > Array.MaxLength)
        {
            throw new ImageReadException(
                name, $"{width}×{height} pixels of {length} bytes", $"at most {Array.MaxLength} bytes", "Divide the image into tiles");
        }

        bool separate = (PlanarConfig)Field(tiff, TiffTag.PLANARCONFIG, (int)PlanarConfig.CONTIG) == PlanarConfig.SEPARATE && samples > 1;
        int perPixel = separate ? 1 : samples;
        int blockWidth = tiff.IsTiled() ? Field(tiff, TiffTag.TILEWIDTH, 0) : width;
        int blockHeight = tiff.IsTiled() ? Field(tiff, TiffTag.TILELENGTH, 0) : 1;
        ImageReader.CheckSize(name, blockWidth, blockHeight, ImageReadOptions.Default);
        var buffer = new byte[tiff.IsTiled() ? tiff.TileSize() : tiff.ScanlineSize()];
        long stride = (((long)blockWidth * perPixel * bits) + 7) / 8;
        if (buffer.Length < stride * blockHeight)
        {
            throw ImageReader.Damaged(name, $"a TIFF whose rows hold {buffer.Length} bytes where {stride * blockHeight} are needed");
        }

        byte[] result = new byte[length];
        for (int plane = 0; plane < (separate ? samples : 1); plane++)
        {
            for (int top = 0; top < height; top += blockHeight)
            {
                for (int left = 0; left < width; left += blockWidth)
                {
                    bool read = tiff.IsTiled()
                        ? tiff.ReadTile(buffer, 0, left, top, 0, (short)plane) > 0
                        : tiff.ReadScanline(buffer, top, (short)plane);
                    if (!read || source.Failed)
                    {
                        throw ImageReader.Damaged(name, $"a TIFF whose pixels end early or are damaged ({source.Message})");
                    }

                    int columns = Math.Min(blockWidth, width - left);
                    int rows = Math.Min(blockHeight, height - top);
                    for (int row = 0; row < rows; row++)
                    {
                        ReadOnlySpan<byte> line = buffer.AsSpan(row * (int)stride, (int)stride);
                        for (int i = 0; i < columns * perPixel; i++)
                        {
                            int pixel = ((top + row) * width) + left + (i / perPixel);
                            int target = ((pixel * samples) + (separate ? plane : i % perPixel)) * bytesPerSample;
                            if (bits == 16)
                            {
                                result[target] = line[i * 2];
                                result[target + 1] = line[(i * 2) + 1];
                            }
                            else
                            {
                                int bit = i * bits;
                                result[target] = (byte)((line[bit >> 3] >> (8 - bits - (bit & 7))) & ((1 << bits) - 1));
                            }
                        }
                    }
                }
            }
        }

        return result;
    }

    /// <summary>YCbCr, CMYK and the like: LibTiff's own conversion, 8 bit.</summary>
    private static PixelImage DecodeThroughRgba(Tiff tiff, Source source, string name, int width, int height)
    {
        var raster = new int[width * height];
        // The page's own orientation as the target: rows and columns stay as stored, and are turned once, later.
        var stored = (BitMiracle.LibTiff.Classic.Orientation)Field(tiff, TiffTag.ORIENTATION, 1);
        if (!tiff.ReadRGBAImageOriented(width, height, raster, stored, true) || source.Failed)
        {
            throw ImageReader.Damaged(name, $"a TIFF whose pixels cannot be decoded ({source.Message})");
        }

        var bytes = new byte[width * height * 3];
        for (int i = 0; i < raster.Length; i++)
        {
            bytes[i * 3] = (byte)Tiff.GetR(raster[i]);
            bytes[(i * 3) + 1] = (byte)Tiff.GetG(raster[i]);
            bytes[(i * 3) + 2] = (byte)Tiff.GetB(raster[i]);
        }

        return new PixelImage(width, height, 3, bytes);
    }

    internal static int Field(Tiff tiff, TiffTag tag, int absent)
    {
        FieldValue[]? field = tiff.GetField(tag);
        return field is { Length: > 0 } ? field[0].ToInt() : absent;
    }

    /// <summary>The file in memory, with what LibTiff had to say about it.</summary>
    private sealed class Source(byte[] content) : TiffSource
    {
        private int _position;

        public override int Read(object clientData, byte[] buffer, int offset, int count)
        {
            int available = Math.Clamp(content.Length - _position, 0, Math.Max(count, 0));
            content.AsSpan(Math.Min(_position, content.Length), available).CopyTo(buffer.AsSpan(offset));
            _position += available;
            return available;
        }

        public override void Write(object clientData, byte[] buffer, int offset, int count) =>
            throw new NotSupportedException("the file is open for reading");

        public override long Seek(object clientData, long offset, SeekOrigin origin)
        {
            long position = origin switch
            {
                SeekOrigin.Begin => offset,
                SeekOrigin.Current => _position + offset,
                _ => content.Length + offset,
            };
            _position = (int)Math.Clamp(position, 0, content.Length);
            return position is >= 0 and <= int.MaxValue ? position : -1;
        }

        public override void Close(object clientData)
        {
        }

        public override long Size(object clientData) => content.Length;
    }
}
