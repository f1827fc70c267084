namespace MadgNet.Core.Modules.Encoders;

/// <summary>The residual networks of He et al. (CVPR 2016) that a <see cref="ResNetEncoder"/> can be, by their number of layers.</summary>
public enum ResNetDepth
{
    /// <summary>ResNet-18: basic blocks, 2 in each layer; 11.2 million parameters.</summary>
    ResNet18 = 18,

    /// <summary>
    /// What Microsoft's CNTK publishes under the name of ResNet-18: basic blocks, 2, 2, 2 and 3, twenty layers with the classifier; 15.9
    /// million parameters. Its names are torchvision's, its weights are not.
    /// </summary>
    ResNet18Cntk = 20,

    /// <summary>ResNet-34: basic blocks, 3, 4, 6 and 3; 21.3 million parameters.</summary>
    ResNet34 = 34,

    /// <summary>ResNet-50: bottleneck blocks, 3, 4, 6 and 3; 23.5 million parameters.</summary>
    ResNet50 = 50,
}
