namespace MadgNet.Core.Inputs;

/// <summary>The order in which a network takes the colours of an image. Saved with a model.</summary>
public enum ChannelOrder
{
    /// <summary>Red, green, blue: the order of files, datasets and transforms in this library.</summary>
    Rgb,

    /// <summary>Blue, green, red, as networks of OpenCV, Caffe and CNTK take it. The network turns the channels round itself.</summary>
    Bgr,
}
