namespace MadgNet.Core.Imaging;

/// <summary>How many channels an image is turned into when it is read for a network.</summary>
public enum ImageChannels
{
    /// <summary>One channel for a grey file, three for every other; an alpha channel is dropped.</summary>
    AsStored,

    /// <summary>One channel; colours become ITU-R 601 luma, as PIL's mode <c>L</c> computes it.</summary>
    Gray,

    /// <summary>Three channels; a grey file is repeated, an alpha channel is dropped.</summary>
    Rgb,
}
