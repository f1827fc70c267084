using BitMiracle.LibTiff.Classic;
using MadgNet.Core.Imaging;

namespace MadgNet.Core.Tests.Support;

/// <summary>Writes TIFF files of every form in which large images come.</summary>
internal static class LargeTiff
{
    /// <param name="path">The file.</param>
    /// <param name="image">What it holds.</param>
    /// <param name="mode">LibTiff's: w for classic, w8 for BigTIFF, with b for big-endian.</param>
    /// <param name="tile">The side of a tile; null for strips.</param>
    /// <param name="rows">The rows of a strip.</param>
    public static void Write(
        string path,
        PixelImage image,
        string mode = "w",
        int? tile = null,
        int rows = 7,
        Compression compression = Compression.NONE,
        bool separate = false,
        Photometric? photometric = null,
        bool signed = false,
        int orientation = 1)
    {
        using Tiff tiff = Tiff.Open(path, mode);
        tiff.SetField(TiffTag.IMAGEWIDTH, image.Width);
        tiff.SetField(TiffTag.IMAGELENGTH, image.Height);
        tiff.SetField(TiffTag.BITSPERSAMPLE, image.BitDepth);
        tiff.SetField(TiffTag.SAMPLESPERPIXEL, image.Channels);
        tiff.SetField(TiffTag.COMPRESSION, compression);
        tiff.SetField(TiffTag.PHOTOMETRIC, photometric ?? (image.Channels == 1 ? Photometric.MINISBLACK : Photometric.RGB));
        tiff.SetField(TiffTag.PLANARCONFIG, separate ? PlanarConfig.SEPARATE : PlanarConfig.CONTIG);
        tiff.SetField(TiffTag.ORIENTATION, orientation);
        if (signed)
        {
            tiff.SetField(TiffTag.SAMPLEFORMAT, SampleFormat.INT);
        }

        if (photometric == Photometric.YCBCR)
        {
            tiff.SetField(TiffTag.JPEGCOLORMODE, JpegColorMode.RGB);
        }

        int sample = image.BitDepth / 8;
        byte[] all = new byte[image.Width * image.Height * image.Channels * sample];
        if (sample == 1)
        {
            image.Bytes.CopyTo(all);
        }
        else
        {
            Buffer.BlockCopy(image.Words.ToArray(), 0, all, 0, all.Length);
        }

        int blockWidth = tile ?? image.Width;
        int blockHeight = tile ?? rows;
        if (tile is not null)
        {
            tiff.SetField(TiffTag.TILEWIDTH, tile);
            tiff.SetField(TiffTag.TILELENGTH, tile);
        }
        else
        {
            tiff.SetField(TiffTag.ROWSPERSTRIP, rows);
        }

        int perPixel = (separate ? 1 : image.Channels) * sample;
        for (int plane = 0; plane < (separate ? image.Channels : 1); plane++)
        {
            for (int top = 0; top < image.Height; top += blockHeight)
            {
                for (int left = 0; left < image.Width; left += blockWidth)
                {
                    int height = tile ?? Math.Min(rows, image.Height - top);
                    var block = new byte[blockWidth * height * perPixel];
                    for (int y = 0; y < Math.Min(height, image.Height - top); y++)
                    {
                        for (int x = 0; x < Math.Min(blockWidth, image.Width - left); x++)
                        {
                            int source = (((((top + y) * image.Width) + left + x) * image.Channels) + plane) * sample;
                            all.AsSpan(source, perPixel).CopyTo(block.AsSpan(((y * blockWidth) + x) * perPixel));
                        }
                    }

                    int written = tile is not null
                        ? tiff.WriteTile(block, left, top, 0, (short)plane)
                        : tiff.WriteEncodedStrip((top / rows) + (plane * ((image.Height + rows - 1) / rows)), block, block.Length);
                    Assert.True(written > 0);
                }
            }
        }

        Assert.True(tiff.WriteDirectory());
    }
}
