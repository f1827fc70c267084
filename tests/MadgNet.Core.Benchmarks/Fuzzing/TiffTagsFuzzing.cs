using System.Buffers.Binary;
using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Benchmarks.Fuzzing;

/// <summary>
/// Tags of TIFF files, one to four at a time, set to what the standard knows, to neighbours of it and to what no file has. Whole
/// image and window must be the same or both be refused.
/// </summary>
internal static class TiffTagsFuzzing
{
    private static readonly int[] Tags =
    [
        254, 256, 257, 258, 259, 262, 266, 273, 274, 277, 278, 279, 284, 317, 320, 322, 323, 324, 325, 332, 338, 339, 512, 513, 529, 530,
        532,
    ];

    private static readonly long[] Values =
    [
        0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 16, 17, 24, 32, 64, 255, 256, 4096, 32773, 32946, 34676, 34925, 50000, 50001, 65535, 65536,
        int.MaxValue, uint.MaxValue,
    ];

    public static FuzzTarget Create(string folder) => new("tiff tags", [.. Corpus(folder)], false, Read) { Damage = Damage };

    private static void Read(string path, byte[] bytes)
    {
        var options = new ImageReadOptions { MaximumPixels = 16_000_000 };
        PixelImage? whole = Refusable(() => new ImageReader(options).Decode(bytes, "input"));
        PixelImage? window = Refusable(() =>
        {
            using TiffImageSource source = TiffImageSource.Open(path);
            return (long)source.Width * source.Height > options.MaximumPixels ? null : source.Read(0, 0, source.Width, source.Height);
        });
        if (whole is not null && window is not null
            && !(whole.Bytes.SequenceEqual(window.Bytes) && whole.Words.SequenceEqual(window.Words) && whole.Width == window.Width))
        {
            throw new InvalidOperationException("The image and its window have other pixels.");
        }

        if (whole is null && window is null)
        {
            throw new ImageReadException(path, "a damaged file", "a readable one", "Nothing is to be done");
        }
    }

    private static PixelImage? Refusable(Func<PixelImage?> read)
    {
        try
        {
            return read();
        }
        catch (ImageReadException)
        {
            return null;
        }
    }

    private static IEnumerable<(string, byte[])> Corpus(string folder)
    {
        string path = Path.Combine(folder, "tags.tif");
        foreach (Compression compression in (Compression[])[
            Compression.NONE, Compression.LZW, Compression.ADOBE_DEFLATE, Compression.PACKBITS])
        {
            foreach ((int bits, int samples, Photometric photometric, bool tiled, bool separate) in new[]
            {
                (8, 1, Photometric.MINISBLACK, false, false),
                (8, 3, Photometric.RGB, true, false),
                (16, 1, Photometric.MINISWHITE, true, false),
                (8, 4, Photometric.SEPARATED, false, false),
                (8, 3, Photometric.YCBCR, false, false),
                (1, 1, Photometric.MINISBLACK, false, false),
                (8, 3, Photometric.RGB, false, true),
            })
            {
                using (Tiff tiff = Tiff.Open(path, "w"))
                {
                    tiff.SetField(TiffTag.IMAGEWIDTH, 40);
                    tiff.SetField(TiffTag.IMAGELENGTH, 24);
                    tiff.SetField(TiffTag.BITSPERSAMPLE, bits);
                    tiff.SetField(TiffTag.SAMPLESPERPIXEL, samples);
                    tiff.SetField(TiffTag.PHOTOMETRIC, photometric);
                    tiff.SetField(TiffTag.COMPRESSION, compression);
                    tiff.SetField(TiffTag.PLANARCONFIG, separate ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
                    if (photometric == Photometric.YCBCR)
                    {
                        tiff.SetField(TiffTag.YCBCRSUBSAMPLING, 1, 1);
                    }

                    Write(tiff, tiled, separate ? samples : 1);
                }

                yield return (".tif", File.ReadAllBytes(path));
            }
        }
    }

    private static void Write(Tiff tiff, bool tiled, int planes)
    {
        if (tiled)
        {
            tiff.SetField(TiffTag.TILEWIDTH, 16);
            tiff.SetField(TiffTag.TILELENGTH, 16);
            var tile = new byte[tiff.TileSize()];
            for (int i = 0; i < 6; i++)
            {
                tiff.WriteEncodedTile(i, tile, tile.Length);
            }

            return;
        }

        tiff.SetField(TiffTag.ROWSPERSTRIP, 8);
        byte[] row = [.. Enumerable.Range(0, tiff.ScanlineSize()).Select(i => (byte)(i * 3))];
        for (int plane = 0; plane < planes; plane++)
        {
            for (int y = 0; y < 24; y++)
            {
                tiff.WriteScanline(row, y, (short)plane);
            }
        }
    }

    private static byte[] Damage(byte[] content, Random random)
    {
        byte[] file = [.. content];
        int page = BinaryPrimitives.ReadInt32LittleEndian(file.AsSpan(4));
        int entries = BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(page));
        for (int change = random.Next(1, 5); change > 0; change--)
        {
            Span<byte> entry = file.AsSpan(page + 2 + (12 * random.Next(entries)), 12);
            switch (random.Next(8))
            {
                case 0:
                    BinaryPrimitives.WriteUInt16LittleEndian(entry, (ushort)Tags[random.Next(Tags.Length)]);
                    break;
                case 1:
                    BinaryPrimitives.WriteUInt16LittleEndian(entry[2..], (ushort)random.Next(18));
                    break;
                case 2:
                    BinaryPrimitives.WriteUInt32LittleEndian(entry[4..], (uint)Values[random.Next(Values.Length)]);
                    break;
                case 3:
                    BinaryPrimitives.WriteInt32LittleEndian(
                        file.AsSpan(page + 2 + (12 * entries)), random.Next(2) == 0 ? page : random.Next(file.Length));
                    break;
                default:
                    long value = Values[random.Next(Values.Length)];
                    if (BinaryPrimitives.ReadUInt16LittleEndian(entry[2..]) == 3)
                    {
                        BinaryPrimitives.WriteUInt16LittleEndian(entry[8..], (ushort)value);
                    }
                    else
                    {
                        BinaryPrimitives.WriteUInt32LittleEndian(entry[8..], (uint)value);
                    }

                    break;
            }
        }

        return file;
    }
}
