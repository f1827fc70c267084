namespace MadgNet.Medical.Dicom;

/// <summary>How the pixels of a DICOM file are stored, as its header says; checked.</summary>
public sealed record DicomPixelFormat
{
    /// <summary>Height of every frame in pixels, 1 to 65535.</summary>
    public required int Rows { get; init; }

    /// <summary>Width of every frame in pixels, 1 to 65535.</summary>
    public required int Columns { get; init; }

    /// <summary>The number of frames, 1 or more.</summary>
    public int Frames { get; init; } = 1;

    /// <summary>Values of a pixel: 1 (grey, palette) or 3 (colour).</summary>
    public int SamplesPerPixel { get; init; } = 1;

    /// <summary>How the values become colours: MONOCHROME1, MONOCHROME2, RGB, YBR_FULL …</summary>
    public string Photometric { get; init; } = "MONOCHROME2";

    /// <summary>Bits that a value takes: 1, 8, 16 or 32.</summary>
    public required int BitsAllocated { get; init; }

    /// <summary>Bits of them that are used.</summary>
    public required int BitsStored { get; init; }

    /// <summary>The highest bit that is used.</summary>
    public required int HighBit { get; init; }

    /// <summary>Whether values are signed (two's complement).</summary>
    public bool IsSigned { get; init; }

    /// <summary>Whether plane follows plane instead of pixel after pixel.</summary>
    public bool IsPlanar { get; init; }

    /// <summary>Values of one frame.</summary>
    public long FrameValues => (long)Rows * Columns * SamplesPerPixel;

    /// <summary>Bytes of one frame that is not compressed; bits are packed, and a frame of bits may begin inside a byte.</summary>
    public long FrameBytes => BitsAllocated == 1 ? (FrameValues + 7) / 8 : FrameValues * (BitsAllocated / 8);

    /// <summary>Whether smaller values are brighter.</summary>
    public bool IsInverted => Photometric == "MONOCHROME1";

    /// <summary>Whether the pixels have colours, their own or those of a palette.</summary>
    public bool IsColor => SamplesPerPixel == 3 || IsPalette;

    /// <summary>Whether the values are numbers of a palette's colours.</summary>
    public bool IsPalette => Photometric == "PALETTE COLOR";

    /// <summary>Whether colour values are stored for every other pixel alone.</summary>
    internal bool IsSubsampled => Photometric is "YBR_FULL_422" or "YBR_PARTIAL_422";

    /// <summary>The smallest value that can be stored.</summary>
    public long Minimum => IsSigned ? -(1L << (BitsStored - 1)) : 0;

    /// <summary>The largest value that can be stored.</summary>
    public long Maximum => IsSigned ? (1L << (BitsStored - 1)) - 1 : (1L << BitsStored) - 1;

    /// <summary>Reads and checks what a header says.</summary>
    /// <param name="file">The file.</param>
    /// <returns>The format.</returns>
    /// <exception cref="MedicalFileException">The header has no pixels, contradicts itself, or says what is not read.</exception>
    public static DicomPixelFormat Of(DicomFile file)
    {
        ArgumentNullException.ThrowIfNull(file);
        DicomDataset data = file.Dataset;
        int allocated = Required(file, Tags.BitsAllocated, "BitsAllocated");
        int stored = data.Integer(Tags.BitsStored) ?? allocated;
        var format = new DicomPixelFormat
        {
            Rows = Required(file, Tags.Rows, "Rows"),
            Columns = Required(file, Tags.Columns, "Columns"),
            Frames = data.Integer(Tags.NumberOfFrames) ?? 1,
            SamplesPerPixel = data.Integer(Tags.SamplesPerPixel) ?? 1,
            Photometric = data.Text(Tags.Photometric) ?? "MONOCHROME2",
            BitsAllocated = allocated,
            BitsStored = stored,
            HighBit = data.Integer(Tags.HighBit) ?? (stored - 1),
            IsSigned = data.Integer(Tags.PixelRepresentation) == 1,
            IsPlanar = data.Integer(Tags.PlanarConfiguration) == 1,
        };
        format.Check(file.Name);
        return format;
    }

    private static int Required(DicomFile file, DicomTag tag, string name) => file.Dataset.Integer(tag)
        ?? throw new MedicalFileException(
            MedicalFileFault.Unsupported,
            file.Name,
            $"a DICOM object without {name} {tag}",
            "an object with pixels",
            "Choose an image or a segmentation: reports, plans and presentation states have no pixels");

    private void Check(string name)
    {
        if (Rows is < 1 or > ushort.MaxValue || Columns is < 1 or > ushort.MaxValue || Frames < 1)
        {
            throw MedicalFileException.Damaged(name, $"{Columns}×{Rows} pixels and {Frames} frames");
        }

        if (BitsAllocated is not (1 or 8 or 16 or 32)
            || BitsStored < 1
            || BitsStored > BitsAllocated
            || HighBit >= BitsAllocated
            || HighBit < BitsStored - 1)
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                name,
                $"{BitsStored} bits up to bit {HighBit} of {BitsAllocated}",
                "1, 8, 16 or 32 bits allocated, and the stored ones among them",
                "Export the images anew with 8 or 16 bits");
        }

        bool known = SamplesPerPixel == 1
            ? Photometric is "MONOCHROME1" or "MONOCHROME2" or "PALETTE COLOR"
            : Photometric is "RGB" or "YBR_FULL" or "YBR_FULL_422" or "YBR_PARTIAL_422" or "YBR_ICT" or "YBR_RCT";
        if (!known || SamplesPerPixel is not (1 or 3))
        {
            throw new MedicalFileException(
                MedicalFileFault.Unsupported,
                name,
                $"{SamplesPerPixel} values a pixel as {Photometric}",
                "MONOCHROME1, MONOCHROME2 or PALETTE COLOR of one value, or RGB, YBR_FULL or YBR_FULL_422 of three",
                "Export the images anew as MONOCHROME2 or RGB");
        }

        if (SamplesPerPixel == 3 && BitsAllocated is not (8 or 16))
        {
            throw MedicalFileException.Damaged(name, $"colours of {BitsAllocated} bits");
        }

        if (FrameValues > Array.MaxLength)
        {
            throw new MedicalFileException(
                MedicalFileFault.TooLarge,
                name,
                $"frames of {Columns}×{Rows} pixels with {SamplesPerPixel} values",
                $"at most {Array.MaxLength} values",
                "Divide the frames");
        }
    }
}
